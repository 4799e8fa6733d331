#!/usr/bin/env python3
"""Draws docs/terminals.svg, the README's picture: terminals.py [COMMAND], by default build/release/bin/echosocket.

Nothing in it is written by hand but the commands: a server runs under a terminal, a client calls it, the server gets
Ctrl-C while a call is running, and what both printed is drawn. Needs port 8080 of 127.0.0.1.
"""

import html
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1:8080"
PATIENCE = 10  # seconds for anything that a program is waited for

CALLS = [
    f"echosocket list {ADDRESS} | grep -E 'echo|sum|upper'",
    f"echosocket call {ADDRESS} reverse 'Hello, EchoSocket'",
    f"""echosocket call {ADDRESS} sum '[1, 2, "three"]'""",
    f"echosocket ping --count 2 {ADDRESS}",
    f"echosocket call {ADDRESS} sleep 1500   # while the server gets Ctrl-C",
]


class Terminal:
    """A program that runs as the foreground of a terminal of its own."""

    def __init__(self, line, path):
        self.text = ""
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execvpe("sh", ["sh", "-c", f"exec {line}"], dict(os.environ, PATH=path))

    def wait_for(self, text):
        until = time.monotonic() + PATIENCE
        while text not in self.text:
            self._read(until, f"did not print {text!r}")

    def press_ctrl_c(self):
        os.write(self.screen, b"\x03")

    def wait_for_end(self):
        until = time.monotonic() + PATIENCE
        while self._read(until, "did not end"):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        if status != 0:
            sys.exit(f"the server ended with {status}:\n{self.text}")
        return self.text.replace("\r\n", "\n")

    def _read(self, until, else_it):
        """One piece of output; false once there will be no more."""
        if not select.select([self.screen], [], [], max(0, until - time.monotonic()))[0]:
            os.kill(self.process, signal.SIGKILL)
            sys.exit(f"the server {else_it}:\n{self.text}")
        try:
            piece = os.read(self.screen, 4096).decode()
        except OSError:  # Linux says EIO once the program has closed its terminal
            piece = ""
        self.text += piece
        return piece != ""


def run(line, path):
    return subprocess.Popen(["sh", "-c", line], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env=dict(os.environ, PATH=path))


def wait_until_it_runs(path):
    """Until the server counts two calls: the one that is to be drained, and `stats` itself."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if "2 running" in run(f"echosocket stats {ADDRESS}", path).communicate(timeout=PATIENCE)[0]:
            return
    sys.exit("the last call did not begin")


def play(command):
    """Each terminal's lines of (was typed, text)."""
    path = f"{Path(command).resolve().parent}:{os.environ['PATH']}"
    server = Terminal("echosocket serve", path)
    server.wait_for(f"listening on {ADDRESS}")
    client = []
    for line in CALLS:
        client.append((True, line))
        call = run(line, path)
        if line == CALLS[-1]:
            wait_until_it_runs(path)
            server.press_ctrl_c()
        client += [(False, text) for text in call.communicate(timeout=PATIENCE)[0].splitlines()]
    printed = server.wait_for_end().splitlines()
    return {"server": [(True, "echosocket serve"), *((False, text) for text in printed)], "client": client}


FONT = 13
ADVANCE = 7.8  # pixels from one character to the next
LEADING = 19
PADDING = 14
BAR = 30
GAP = 12
COLUMNS = 98
PROMPT = "$ "
CTRL_C = "^C"  # how a terminal shows it


def pieces_of(typed, text):
    """The (style, text) of which a line is made."""
    if typed:
        return [("prompt", PROMPT), ("typed", text)]
    if text.startswith(CTRL_C):
        return [("typed", CTRL_C), ("said", text.removeprefix(CTRL_C))]
    return [("said", text)]


def draw_line(x, y, pieces):
    parts, column = [], 0
    for style, text in pieces:
        at = x + column * ADVANCE
        column += len(text)
        parts.append(f'<text class="{style}" x="{at:.1f}" y="{y}" textLength="{len(text) * ADVANCE:.1f}" '
                     f'xml:space="preserve">{html.escape(text, quote=False)}</text>')
    if column > COLUMNS:
        sys.exit(f"wider than the window: {pieces}")
    return "".join(parts)


def draw_window(y, width, height, title, lines):
    parts = [f'<rect class="window" x="1" y="{y}" width="{width}" height="{height}" rx="9"/>',
             f'<path class="bar" d="M1 {y + BAR}v-{BAR - 9}a9 9 0 0 1 9 -9h{width - 18}a9 9 0 0 1 9 9v{BAR - 9}z"/>']
    parts += [f'<circle cx="{19 + 18 * number}" cy="{y + BAR / 2}" r="5" fill="{colour}"/>'
              for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    parts.append(f'<text class="title" x="{1 + width / 2}" y="{y + BAR / 2 + 4}">{title}</text>')
    first = y + BAR + PADDING + FONT - 2
    parts += [draw_line(1 + PADDING, first + LEADING * number, pieces_of(*line)) for number, line in enumerate(lines)]
    return "\n".join(parts)


def draw(windows):
    width = round(2 * PADDING + COLUMNS * ADVANCE)
    drawn, y = [], 1
    for title, lines in windows.items():
        height = BAR + 2 * PADDING + LEADING * len(lines)
        drawn.append(draw_window(y, width, height, title, lines))
        y += height + GAP
    whole = f'width="{width + 2}" height="{y - GAP + 1}" viewBox="0 0 {width + 2} {y - GAP + 1}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {whole} role="img">
<title>Two terminals: a server, and a client that calls it</title>
<style>
text {{ font: {FONT}px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
.window {{ fill: #16181d; stroke: #3a3f4b; }}
.bar {{ fill: #262a33; }}
.title {{ fill: #9aa2b1; text-anchor: middle; font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }}
.prompt {{ fill: #5ccf8b; }}
.typed {{ fill: #ffffff; font-weight: 600; }}
.said {{ fill: #b6bdca; }}
</style>
{chr(10).join(drawn)}
</svg>
"""


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else DOCS.parent / "build/release/bin/echosocket"
    if not os.access(command, os.X_OK):
        sys.exit(f"{command} is not there; ./dev demo builds it")
    (DOCS / "terminals.svg").write_text(draw(play(command)))


if __name__ == "__main__":
    main()
