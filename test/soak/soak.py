#!/usr/bin/env python3
"""Mixed load, churn and faults against one `echosocket serve`, and whether it grows: soak.py COMMAND MINUTES.

Every round calls, streams, chats and listens, kills clients in the middle of it and breaks the protocol, while a canary
pings. After each round, with all of that gone, the memory and the descriptors of the server are read. Growth is the
slope of a line through the rounds after the first third, in which pools and caches fill; it fails if the slope's 95 %
interval lies above what is allowed, if the canary failed once, or if the server was not the same process at the end.
"""

import math
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

patience = 60  # seconds for what should take one


class Server:
    def __init__(self, command, folder):
        self.process = subprocess.Popen(
            [command, "serve", "--port", "0", "--quiet", "--files", folder, "--allow-execute", "/bin/true"],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.address = re.search(r"127\.0\.0\.1:\d+", line).group()

    def memory(self):
        """KiB that lie in memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def is_alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Canary(threading.Thread):
    """Calls from beside, twice a second; nothing that others do may cost it an answer."""

    def __init__(self, command, address):
        super().__init__(daemon=True)
        self.command, self.address = command, address
        self.answers, self.failures = 0, []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.5):
            done = subprocess.run([self.command, "call", self.address, "echo", "alive"], capture_output=True,
                                  text=True, timeout=patience, check=False)
            if done.returncode == 0 and done.stdout == "alive":
                self.answers += 1
            else:
                self.failures.append(done.stderr.strip() or done.stdout)

    def end(self):
        self.ended.set()
        self.join()


class Round:
    """Some seconds of everything at once."""

    def __init__(self, command, address, folder, chance):
        self.command, self.address, self.folder, self.chance = command, address, folder, chance
        self.errors = []

    def start(self, *arguments):
        return subprocess.Popen([self.command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE)

    def expect_success(self, process, what):
        _, complaint = process.communicate(timeout=patience)
        if process.returncode != 0:
            self.errors.append(f"{what}: {complaint.decode(errors='replace').strip()}")

    def run(self):
        victims = self.victims()
        honest = self.honest()
        self.raw_faults()
        for process in victims:  # in the middle of what they do
            process.kill()
        for process in victims:
            process.communicate()
        for what, process in honest:
            self.expect_success(process, what)

    def honest(self):
        """What has to succeed whatever the others do."""
        chance, address = self.chance, self.address
        name = os.path.join(self.folder, "sent")
        with open(name, "wb") as file:
            file.write(chance.randbytes(chance.choice([10, 70_000, 3_000_000])))
        stored = f"stored-{chance.randrange(4)}"
        for old in os.listdir(self.folder):
            if old.startswith("stored-"):
                os.remove(os.path.join(self.folder, old))
        return [
            ("bench", self.start("bench", address, "-c", "16", "-d", "8", "-t", "2s", "-r", "500")),
            ("large bench", self.start("bench", address, "-c", "2", "-d", "2", "-t", "2s", "-r", "20",
                                       "-s", "300000")),
            ("send", self.start("send", address, name, stored)),
            ("notify", self.start("notify", address, "news", "x" * chance.randrange(5000))),
            ("ping", self.start("ping", address, "-c", "5")),
            ("list", self.start("list", address)),
            ("execute", self.start("call", address, "execute", "/bin/true")),
        ]

    def victims(self):
        address = self.address
        for_long = [
            self.start("listen", address),
            self.start("listen", address, "news"),
            self.start("chat", address, "Ada", "lobby"),
            self.start("chat", address, "Bob", "lobby"),
            self.start("call", address, "sleep", "60000"),
            self.start("bench", address, "-c", "8", "-d", "4", "-t", "60s", "-r", "200"),
            self.start("bench", address, "sleep", "30000", "-c", "8", "-d", "4", "-t", "60s"),
        ]
        if self.chance.random() < 0.5:
            os.kill(for_long[0].pid, 19)  # SIGSTOP: connected, and reads no more
        return for_long

    def raw_faults(self):
        host, port = self.address.rsplit(":", 1)
        for _ in range(40):
            with socket.create_connection((host, int(port)), patience) as line:
                fault = self.chance.randrange(5)
                if fault == 0:
                    line.sendall(self.chance.randbytes(self.chance.randrange(1, 400)))
                elif fault == 1:
                    line.sendall(b"GET / HTTP/1.1\r\n\r\n")
                elif fault == 2:
                    line.sendall(b"\0\0")
                elif fault == 3:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset


def slope(points):
    """Slope of the line through (x, y), and half of its 95 % interval."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    b = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - b * (x - mean_x)) ** 2 for x, y in points)
    return b, 2 * math.sqrt(rest / max(n - 2, 1) / spread)


def verdict(what, unit, points, allowed):
    b, half = slope(points)
    grows = b - half > allowed
    print(f"{what}: {points[0][1]} at the first of these rounds, {points[-1][1]} at the last; "
          f"slope {b:+.2f} ± {half:.2f} {unit} a minute, allowed {allowed}: {'GROWS' if grows else 'within noise'}")
    return not grows


def main():
    command, minutes = os.path.abspath(sys.argv[1]), float(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"soak for {minutes:g} minutes, seed {seed}")
    chance = random.Random(seed)
    samples, errors = [], []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(command, folder)
        canary = Canary(command, server.address)
        canary.start()
        begin = time.monotonic()
        while len(samples) < 6 or time.monotonic() - begin < 60 * minutes:
            one = Round(command, server.address, folder, chance)
            one.run()
            errors += one.errors
            if not server.is_alive():
                break
            time.sleep(0.5)  # of the measurement, not of a test: what has ended is let go
            at = (time.monotonic() - begin) / 60
            samples.append((at, server.memory(), server.descriptors()))
            if len(samples) % 20 == 1:
                print(f"{at:6.1f} min  round {len(samples)}: {samples[-1][1]} KiB, {samples[-1][2]} descriptors, "
                      f"{canary.answers} answers to the canary", flush=True)
        alive = server.is_alive()
        canary.end()
        status = server.stop()
    counted = samples[len(samples) // 3:]
    holds = [
        verdict("memory", "KiB", [(at, memory) for at, memory, _ in counted], 8),
        verdict("descriptors", "descriptors", [(at, count) for at, _, count in counted], 0.02),
    ]
    print(f"{len(samples)} rounds; canary: {canary.answers} answers, {len(canary.failures)} failures; "
          f"honest clients: {len(errors)} failures; the server {'was there' if alive else 'had died'} at the end, "
          f"and ended with {status}")
    for text in (canary.failures + errors)[:20]:
        print(f"  {text}")
    return 0 if all(holds) and alive and status == 0 and not canary.failures and not errors else 1


if __name__ == "__main__":
    sys.exit(main())
