"""The programs of the benchmark: servers that are started and stopped, clients that report."""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import machine

SERVER_CORE, LOAD_CORE = machine.cores()


class Failed(Exception):
    """A program failed; the text says which and why."""


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def pinned(cores):
    return lambda: os.sched_setaffinity(0, cores)


class Server:
    """A running server, pinned to the server's core by default."""

    def __init__(self, name, command, cores=None, port=None, environment=None):
        self.name = name
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE if port is None else self.log, stderr=self.log, text=True,
            stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})},
            preexec_fn=pinned(cores or {SERVER_CORE}))
        self.helpers = []
        self.port = port or self._announced_port()
        self._wait_until_it_listens()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pids(self):
        return [self.process.pid] + [helper.process.pid for helper in self.helpers]

    def seconds(self):
        return sum(machine.process_seconds(pid) for pid in self.pids)

    def memory(self):
        """Bytes of anonymous memory."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(re.search(r"Anonymous:\s*(\d+) kB", text).group(1)) * 1024

    def stop(self):
        for helper in self.helpers:
            helper.stop()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()

    def _announced_port(self):
        line = self.process.stdout.readline()
        match = re.match(r"listening (\d+)", line)
        if not match:
            raise Failed(f"{self.name} did not start: {line.strip() or self._complaint()}")
        return int(match.group(1))

    def _complaint(self):
        self.log.seek(0)
        return self.log.read()[-300:].strip() or "no word from it"

    def _wait_until_it_listens(self):
        for _ in range(200):
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended at once: {self._complaint()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Failed(f"{self.name} does not listen")


def installed(program):
    """The path of a package's program, also in /usr/sbin, which is not on every PATH; None if it is missing."""
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def options(values):
    """{'depth': 32} as ['--depth', '32']"""
    return [text for name, value in values.items() for text in (f"--{name.replace('_', '-')}", str(value))]


def run(command, cores=None, timeout=120, environment=None):
    """Runs a client or load program to its end; returns its report."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})},
                          preexec_fn=pinned(cores or {LOAD_CORE}))
    if done.returncode != 0:
        raise Failed(f"{Path(str(command[0])).name}: {(done.stderr or done.stdout)[:400].strip()}")
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


def run_together(command, cores):
    """Runs the same command on each core at once; returns the number that each prints."""
    running = [subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True,
                                preexec_fn=pinned({core})) for core in cores]
    return [int(process.communicate()[0]) for process in running]


class Toolbox:
    """The paths of the programs, and which of the other systems can run."""

    def __init__(self, folder, needed="load"):
        self.folder = Path(folder)
        if not (self.folder / needed).exists():
            raise Failed(f"no programs in {self.folder}: build them first, or call ./dev bench")
        self.skipped = self._skipped()

    @classmethod
    def of_servers(cls, folder):
        """Of another build, which puts no load on anything."""
        return cls(folder, needed="echosocket_server")

    def path(self, name):
        return str(self.folder / name)

    def has(self, name):
        return (self.folder / name).exists()

    def _skipped(self):
        found = {}
        note = self.folder / "peers.txt"
        for line in note.read_text().splitlines() if note.exists() else []:
            name, _, why = line.partition(": ")
            found[{"grpc": "gRPC", "capnp": "Cap'n Proto", "zeromq": "ZeroMQ", "hiredis": "hiredis"}.get(name, name)] = why
        for name, program in (("Redis", "redis-server"), ("NATS", "nats-server")):
            if not installed(program):
                found[name] = f"install {program}"
        return found
