"""The machine: its facts, and whether other processes were using it."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def describe():
    """The facts that a reader needs to judge absolute figures."""
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout.splitlines()
    return {
        "date": time.strftime("%Y-%m-%d %H:%M %Z"),
        "cpu": cpu.group(1) if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "virtual": "hypervisor" in Path("/proc/cpuinfo").read_text(),
        "memory_gib": round(int(memory.group(1)) / 2**20, 1),
        "kernel": platform.release(),
        "system": _system(),
        "compiler": compiler[0] if compiler else "unknown",
        "load_before": os.getloadavg()[0],
    }


def _system():
    text = Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""
    name = re.search(r'PRETTY_NAME="(.*)"', text)
    return name.group(1) if name else platform.system()


def cores():
    """(server's core, load's core): the same one if there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def process_seconds(pid):
    """Processor time of a live process, all its threads, in seconds; to the nanosecond if the kernel allows."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((thread / "schedstat").read_text().split()[0])
        except (OSError, IndexError):
            continue
    return total / 1e9


class Watch:
    """The processors' use between two moments."""

    def __init__(self):
        self.began = time.monotonic()
        self.busy, self.steal = self._read()

    def end(self, own_seconds):
        """Shares of one core: (taken by the hypervisor, used by processes that are not the benchmark's)."""
        elapsed = max(time.monotonic() - self.began, 1e-3)
        busy, steal = self._read()
        foreign = (busy - self.busy) - own_seconds
        return (steal - self.steal) / elapsed, max(foreign, 0) / elapsed

    @staticmethod
    def _read():
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        user, nice, system, _idle, _iowait, irq, softirq, steal = fields
        return (user + nice + system + irq + softirq) / TICKS, steal / TICKS
