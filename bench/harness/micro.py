"""The microbenchmarks, run by Google Benchmark."""

import json

from .programs import run


def run_all(toolbox, short):
    command = [toolbox.path("micro"), "--benchmark_format=json", f"--benchmark_min_time={0.02 if short else 0.3}"]
    outcome = run(command)
    report = outcome if isinstance(outcome, dict) else json.loads(outcome)
    return [{"name": entry["name"], "nanoseconds": _each(entry)} for entry in report["benchmarks"]]


def _each(entry):
    if "items_per_second" in entry:  # a benchmark that handles many items per iteration
        return 1e9 / entry["items_per_second"]
    return entry["cpu_time"]
