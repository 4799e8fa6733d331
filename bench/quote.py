#!/usr/bin/env python3
"""Brings a run of the benchmark into the pages that quote it.

    ./dev bench --json FILE         # a full run
    bench/quote.py FILE             # keeps its figures in bench/figures.json, then writes what stands below
    bench/quote.py                  # writes bench/README.md, README.md and docs/speed.svg from bench/figures.json
    bench/quote.py --check          # only tells if one of the three says something else
"""

import json
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from harness import bars  # noqa: E402
from harness.contestants import GRPC, OURS, REDIS  # noqa: E402
from harness.targets import Part  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "bench/figures.json"
BEGIN, END = "<!-- bench/quote.py writes from here -->\n", "<!-- to here -->\n"

LOADS = {
    "echo_1x1_64": "1 connection, 1 call at a time",
    "echo_64x1_64": "64 connections, 1 call at a time on each",
    "echo_1x32_64": "1 connection, 32 calls under way",
    "echo_64x32_64": "64 connections, 32 calls under way on each",
    "echo_1x256_16": "1 connection, 256 calls under way, 16 B",
    "echo_64x32_4096": "64 connections, 32 calls on each, 4 KiB",
    "echo_1MiB": "4 connections, 1 call at a time on each, 1 MiB",
}


def distil(run):
    """What the pages need of everything that a run has measured."""
    shares = {}
    for experiment in run["experiments"]:
        if experiment["name"] in LOADS:
            measured = experiment["contestants"]
            shares[experiment["name"]] = {name: round(measured[name]["ratio"], 3) for name in (OURS, REDIS, GRPC)
                                          if "ratio" in measured.get(name, {})}
    kept = {key: run[key] for key in ("machine", "mode", "seconds", "rounds", "targets")}
    return {**kept, "share_of_raw_epoll": shares}


class Figures:
    def __init__(self, kept):
        self.kept = kept
        self.rows = {row["name"]: row for row in kept["targets"]}

    def values(self, name):
        value = self.rows[name]["value"]
        return value if isinstance(value, list) else [value]

    def note(self, name, pattern):
        """A figure that stands only in a row's notes."""
        return re.search(pattern, "; ".join(self.rows[name]["notes"])).group(1)

    def conditions(self):
        about, rounds = self.kept["machine"], self.kept["rounds"]
        return (f"Measured on {about['date'][:10]}: {about['cpu']}, {about['cores']} "
                f"{'virtual ' if about['virtual'] else ''}cores, {about['system']}, kernel {about['kernel']}, "
                f"{about['compiler']}.\n{rounds['total']} rounds in {self.kept['seconds']:,} s; "
                f"{rounds['disturbed_and_repeated']} more were disturbed by other load and repeated, "
                f"{rounds['disturbed_and_kept']} stayed disturbed.\n")

    def full_table(self):
        lines = ["| row | measure | value | target | met |", "| --- | --- | --- | --- | --- |"]
        for row in self.kept["targets"]:
            value = "; ".join(Part(each, "", 0).text for each in self.values(row["name"]))
            if row["notes"]:
                value += f" ({'; '.join(row['notes'])})"
            lines.append(f"| {row['name']} | {row['measure']} | {value} | {row['target']} | "
                         f"{'yes' if row['met'] else '**no**'} |")
        return "\n".join(lines) + "\n"

    def five_rows(self):
        p50, = self.values("1x1")
        raw, redis = self.values("64x32")
        calls, grpc = self.values("client_rate")
        copy, = self.values("stream_64k")
        idle, = self.values("idle")
        rows = [
            ("1 connection, 1 call at a time", "median time of a call",
             f"{p50:.2f} times that of a raw epoll loop"),
            ("64 connections, 32 calls under way on each", "calls a second",
             f"{raw * 100:.0f} % of a raw epoll loop's, {redis:.1f} times Redis's"),
            ("1,024 calls under way on one connection, by our client", "calls a second",
             f"{calls / 1e6:.2f} million, {grpc:.0f} times gRPC's"),
            ("a stream of 64 KiB items", "bytes a second",
             f"{self.note('stream_64k', r'([0-9,]+) MiB/s')} MiB, {copy:.1f} times a plain copy by sockets"),
            ("10,000 idle connections", "user-space memory of each", f"{idle:,.0f} bytes"),
        ]
        return "\n".join(["| load | measure | EchoSocket |", "| --- | --- | --- |",
                          *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"

    def chart(self):
        shares = self.kept["share_of_raw_epoll"]
        return bars.draw({LOADS[name]: shares[name] for name in LOADS if name in shares}, first=OURS)


def with_quote(page, quote):
    """The page's text, with what stands between the two marks replaced."""
    text = page.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:begin]}\n{quote}\n{text[end:]}"


def main():
    arguments = sys.argv[1:]
    check = arguments == ["--check"]
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-") and not check):
        sys.exit(__doc__)
    if arguments and not check:
        run = json.loads(Path(arguments[0]).read_text())
        if run["mode"] != "full" or run["failures"]:
            sys.exit("only a full run without failures is quoted")
        FIGURES.write_text(json.dumps(distil(run), indent=1) + "\n")
    figures = Figures(json.loads(FIGURES.read_text()))
    pages = {
        ROOT / "bench/README.md": lambda page: with_quote(page, f"{figures.conditions()}\n{figures.full_table()}"),
        ROOT / "README.md": lambda page: with_quote(page, figures.five_rows()),
        ROOT / "docs/speed.svg": lambda _: figures.chart(),
    }
    for page, text_of in pages.items():
        text = text_of(page)
        if not check:
            page.write_text(text)
        elif page.read_text() != text:
            sys.exit(f"{page.relative_to(ROOT)} is not what bench/quote.py writes")


if __name__ == "__main__":
    main()
