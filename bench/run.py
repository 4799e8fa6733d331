#!/usr/bin/env python3
"""The benchmark: everything in one run, so that figures can be held against one another. `--help` tells how."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

from harness import counts, html, machine, micro, table, targets  # noqa: E402
from harness.contestants import ASIO, COROUTINE, NATS, OURS, RAW, REDIS, ZEROMQ, Field  # noqa: E402
from harness.programs import Failed, Toolbox, raise_descriptor_limit  # noqa: E402
from harness.results import Results  # noqa: E402
from harness.rounds import Rounds  # noqa: E402
from harness.workloads import Settings, Workloads  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SHORT_LIMIT, FULL_LIMIT = 215, 1150  # seconds after which no further round begins
SHORT_PATIENCE, FULL_PATIENCE = 30, 240  # seconds that may be spent on repeating disturbed rounds


def read_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="under four minutes instead of twenty")
    parser.add_argument("--only", metavar="NAME", action="append", help="one row of the table or one workload; repeatable")
    parser.add_argument("--list", action="store_true", help="the names that --only takes")
    parser.add_argument("--json", metavar="FILE", help="everything that was measured")
    parser.add_argument("--html", metavar="FILE", help="the report with plots (default: bench-report.html beside the programs)")
    parser.add_argument("--programs", metavar="FOLDER", default=str(ROOT / "build/release/bin/bench"), help=argparse.SUPPRESS)
    return parser.parse_args()


def say(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def counted(field, results, descriptors):
    """Maps names to functions, for everything that is counted rather than timed."""
    most = min(10_000, descriptors - 200)
    few_rounds = 3 if results.settings.short else 5
    wanted = {
        "server_allocations": lambda: counts.server_allocations(field),
        "client_allocations": lambda: counts.client_allocations(field),
        "system_calls_1x32": lambda: counts.system_calls(field, OURS, 1, 32),
        "system_calls_64x32": lambda: counts.system_calls(field, OURS, 64, 32),
        "system_calls_1x32_raw": lambda: counts.system_calls(field, RAW, 1, 32),
        "system_calls_64x32_raw": lambda: counts.system_calls(field, RAW, 64, 32),
        "instructions_function": lambda: counts.instructions(field, OURS),
        "instructions_coroutine": lambda: counts.instructions(field, COROUTINE),
        "idle_bytes": lambda: counts.idle_bytes(field, OURS, most),
        "idle_bytes_1000": lambda: counts.idle_bytes(field, OURS, 1_000),
        "reconnect_1000": lambda: counts.reconnected(field),
        "compile_seconds": lambda: counts.compile_seconds(ROOT, few_rounds),
    }
    peers = [name for name in (RAW, ASIO, REDIS, ZEROMQ, NATS) if field.runs(name)]
    for name in peers if not results.settings.short else peers[:3]:
        wanted[f"idle_bytes, {name}"] = lambda name=name: counts.idle_bytes(field, name, 1_000)
    if most < 10_000:
        results.counts["idle_note"] = f"{most:,} connections, for want of descriptors"  # of the fan-out as well
    return wanted


def measure(field, results, chosen, descriptors, began):
    settings = results.settings
    experiments = list(Workloads(field, settings).all())
    wanted = counted(field, results, descriptors)
    if chosen:
        names = {need for name in chosen for need in targets.needed_for(name)}
        unknown = names - {e.name for e in experiments} - set(wanted) - {"micro"}
        if unknown:
            raise Failed(f"--only knows no {', '.join(sorted(unknown))}; --list shows the names")
        experiments = [e for e in experiments if e.name in names]
        wanted = {name: function for name, function in wanted.items() if name in names}
    results.add(experiments)
    for name, function in wanted.items():
        say(f"counting: {name}")
        results.measure(name, function)
    if not chosen or "micro" in chosen:
        say("microbenchmarks")
        results.micro = micro.run_all(field.toolbox, settings.short) if field.toolbox.has("micro") else []
    limit, patience = (SHORT_LIMIT, SHORT_PATIENCE) if settings.short else (FULL_LIMIT, FULL_PATIENCE)
    Rounds(field, say, patience, began + limit).run(experiments, settings.rounds)
    say("")


def show(results, rows):
    for experiment in results.experiments.values():
        text = table.of_experiment(experiment)
        if text:
            print(text)
    print("\n" + table.of_counts(results.counts))
    if results.micro:
        print("\n" + table.of_micro(results.micro))
    for name, why in results.skipped.items():
        print(f"\nskipped: {name}: {why}", end="")
    for what, why in results.all_failures().items():
        print(f"\nFAILED: {what}: {why}", end="")
    repeated, kept, total = results.disturbed()
    about = results.machine
    print(f"\n\n{about['cpu']}, {about['cores']} cores{' (virtual)' if about['virtual'] else ''}, {about['system']}, "
          f"kernel {about['kernel']}, {about['compiler']}, {about['date']}")
    print(f"{total} rounds; {repeated} more were disturbed by other load and repeated, {kept} stayed disturbed; "
          f"{results.seconds:.0f} s in all")
    print("\n" + table.of_targets(rows))


def main():
    asked = read_arguments()
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are stopped on the way out
    field = None
    try:
        field = Field(Toolbox(asked.programs))
        descriptors = raise_descriptor_limit()
        results = Results(machine.describe(), Settings(asked.short))
        results.skipped = field.toolbox.skipped
        if asked.list:
            names = [row.name for row in targets.rows(results)]
            print("rows:     ", *names, "\nworkloads:", *(e.name for e in Workloads(field, results.settings).all()),
                  "\ncounts:   ", *counted(field, results, descriptors), "micro")
            return 0
        measure(field, results, asked.only, descriptors, began)
        results.seconds = time.monotonic() - began
        chosen = asked.only
        rows = [row for row in targets.rows(results) if not chosen or row.name in chosen]
        show(results, rows)
        if asked.json:
            Path(asked.json).write_text(json.dumps(results.as_json(rows), indent=1) + "\n")
        report = Path(asked.html or Path(asked.programs).parent / "bench-report.html")
        report.write_text(html.report(results, rows))
        print(f"\nreport: {report}")
        return 1 if results.all_failures() else 0  # a target that is not met is a result, not a failure
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    finally:
        if field:
            field.stop()


if __name__ == "__main__":
    sys.exit(main())
