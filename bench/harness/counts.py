"""What is counted rather than timed: allocations, system calls and instructions per request, bytes per idle connection,
seconds of compilation."""

import json
import math
import re
import resource
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from .contestants import DIALECTS, OURS
from .machine import process_seconds
from .programs import Failed, LOAD_CORE, SERVER_CORE, options, pinned, run

STRACE = "strace"
VALGRIND = "valgrind"


class Counter:
    """Counts the allocations of processes that are started with its environment."""

    def __init__(self, toolbox, folder):
        self.file = Path(folder) / "allocations"
        self.environment = {"LD_PRELOAD": toolbox.path("count_allocations.so"), "ECHOSOCKET_BENCH_COUNT": str(self.file)}

    def read(self):
        return struct.unpack("Q", self.file.read_bytes())[0]


def server_allocations(field, name=OURS):
    """Allocations for each raw 64 B echo, in steady state: the difference between a long and a short load."""
    few, many = 2_000, 12_000
    with tempfile.TemporaryDirectory() as folder:
        counter = Counter(field.toolbox, folder)
        server = field.start(name, environment=counter.environment)
        try:
            counts = {}
            for requests in (few, few, many):  # the first one warms up
                before = counter.read()
                field.load(name, server, requests=requests)
                counts[requests] = counter.read() - before
        finally:
            server.stop()
    return (counts[many] - counts[few]) / (many - few)


def client_allocations(field):
    """Allocations of our client for each 64 B call, in steady state."""
    few, many = 2_000, 12_000
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for requests in (few, many):
            counter = Counter(field.toolbox, folder)
            counter.file.unlink(missing_ok=True)
            address = field.server(OURS).address
            run([field.toolbox.path("echosocket_client"), "--address", address, "--requests", requests],
                environment=counter.environment)
            counts[requests] = counter.read()
    return (counts[many] - counts[few]) / (many - few)


def system_calls(field, name, connections, depth):
    """System calls of the server for each request: the difference between a long and a short load, each on a server of
    its own."""
    if not shutil.which(STRACE):
        raise Failed("strace is not installed")
    few, many = 40 * connections * depth, 120 * connections * depth
    calls = {}
    for requests in (few, many):
        calls[requests] = _traced(field, name, requests, connections=connections, depth=depth)
    return (calls[many] - calls[few]) / (many - few)


def _traced(field, name, requests, **wanted):
    with tempfile.NamedTemporaryFile("r") as summary:
        server = field.start(name, prefix=[STRACE, "-f", "-c", "-o", summary.name])
        try:
            field.load(name, server, requests=requests, **wanted)
        finally:
            _stop_traced(server)
        total = re.search(r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total$", Path(summary.name).read_text(), re.M)
    if not total:
        raise Failed("strace gave no summary")
    return int(total.group(1))


def instructions(field, name):
    """Instructions of the server, outside of the kernel, for each request at 16x32: the difference between a long and a
    short load, each on a server of its own."""
    if not shutil.which(VALGRIND):
        raise Failed("valgrind is not installed")
    few, many = 20_000, 60_000
    return (_executed(field, name, many) - _executed(field, name, few)) / (many - few)


def _executed(field, name, requests):
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "callgrind"
        server = field.start(OURS, prefix=[VALGRIND, "--tool=callgrind", f"--callgrind-out-file={profile}"])
        try:
            field.load(name, server, requests=requests, connections=16, depth=32)
        finally:
            server.stop()
        total = re.search(r"^(?:summary|totals): (\d+)", profile.read_text(), re.M)
    if not total:
        raise Failed("callgrind gave no summary")
    return int(total.group(1))


def _stop_traced(server):
    """strace blocks signals to itself while its child lives; ending the child ends both."""
    pid = server.process.pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        subprocess.run(["kill", "-TERM", child], check=False)
    server.process.wait(timeout=10)
    server.stop()


def idle_bytes(field, name, connections):
    """Bytes of anonymous memory of a server per connection that has sent its HELLO, made one call and is idle."""
    server = field.start(name)
    settings = {"mode": "hold", "address": server.address, "dialect": DIALECTS.get(name, "frames")}
    try:
        with _Held(field, {**settings, "connections": 1}):
            before = server.memory()
        with _Held(field, {**settings, "connections": connections}):
            _settle(server)
            return (server.memory() - before) / connections
    finally:
        server.stop()


def _settle(server):
    used = -1.0
    while used != process_seconds(server.process.pid):  # still working on the last connections
        used = process_seconds(server.process.pid)
        time.sleep(0.05)


class _Held:
    def __init__(self, field, settings):
        self.process = subprocess.Popen([field.toolbox.path("load"), *options(settings)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=pinned({LOAD_CORE}))

    def __enter__(self):
        if self.process.stdout.readline().strip() != "ready":
            raise Failed(self.process.stderr.read().strip()[:300] or "the connections could not be opened")

    def __exit__(self, *_):
        self.process.communicate()


def reconnected(field, clients=1_000, pause=0.5):
    """How fast `clients` clients of one process reconnect to a server that is killed and restarted after `pause` s."""
    server = field.start(OURS)
    process = subprocess.Popen([field.toolbox.path("reconnect"), *options({"address": server.address, "connections": clients})],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=pinned({LOAD_CORE}))
    try:
        if process.stdout.readline().strip() != "connected":
            raise Failed(process.stderr.read().strip()[:300] or "the clients could not connect")
        port = server.port
        server.stop()
        time.sleep(pause)
        server = field.start(OURS, arguments={"port": port})
        restarted = time.monotonic()
        said, complaint = process.communicate(timeout=40)
        if process.returncode != 0:
            raise Failed(f"reconnect: {complaint.strip()[:300] or said}")
    except subprocess.TimeoutExpired:
        raise Failed("not all clients came back within 40 s") from None
    finally:
        process.kill()
        process.communicate()
        server.stop()
    report = json.loads(said)
    report["seconds"] = report["back_at"] - restarted
    report["attempts_bound"] = most_attempts(report["back_at"] - report["lost_at"])
    return report


def most_attempts(seconds, first_delay=0.1, jitter=0.5):
    """The most attempts that the default `reconnect_policy` allows one client in that time: one at once, then after
    delays that double, each at its shortest."""
    return 1 + math.floor(math.log2(seconds / (first_delay * (1 - jitter)) + 1))


def compile_seconds(root, rounds):
    """Processor seconds to compile a hello-world server: (ours, plain Boost.Asio's), medians of interleaved rounds."""
    folder = Path(root) / "bench" / "compile_time"
    taken = {"hello_echosocket": [], "hello_asio": []}
    for _ in range(rounds):
        for name, values in taken.items():
            command = ["g++", "-std=c++20", "-O2", "-I", str(Path(root) / "include"), "-c", str(folder / f"{name}.cpp"),
                       "-o", "/dev/null"]
            values.append(_cpu_seconds_of(command))
    return statistics.median(taken["hello_echosocket"]), statistics.median(taken["hello_asio"])


def _cpu_seconds_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=pinned({SERVER_CORE}))
    if done.returncode != 0:
        raise Failed(done.stderr[:300])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
