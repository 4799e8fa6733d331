#!/usr/bin/env python3
"""This build's servers against those of an earlier one, in turn, under the same load: `./dev compare COMMIT`.

The other build's server takes part, and this build's a second time: what those two differ by is the noise of the
machine, and no other difference says anything unless it is larger. Everything is a ratio within a round.
"""

import argparse
import statistics
import sys
import time

sys.dont_write_bytecode = True

from harness.contestants import OURS, RAW, Field  # noqa: E402
from harness.programs import Failed, Toolbox, options, run  # noqa: E402
from harness.rounds import Experiment, Rounds  # noqa: E402
from harness.workloads import MIB  # noqa: E402

BEFORE, NOW, AGAIN = "before", "now", "now, again"
TIMING = {"duration": 700, "warm_up": 150}


def read_arguments():
    parser = argparse.ArgumentParser(prog="./dev compare", description=__doc__)
    parser.add_argument("before", metavar="FOLDER", help="the benchmark's programs of the other build")
    parser.add_argument("now", metavar="FOLDER", help="those of this one")
    parser.add_argument("--rounds", type=int, default=9, help="of each row (default: 9)")
    parser.add_argument("--only", metavar="ROW", action="append", help="a row of the table; repeatable")
    return parser.parse_args()


class Comparison:
    def __init__(self, before, now):
        self.fields = {BEFORE: Field(Toolbox.of_servers(before)), NOW: Field(Toolbox(now)), AGAIN: Field(Toolbox(now))}
        self.tools = self.fields[NOW].toolbox

    def stop(self):
        for field in self.fields.values():
            field.stop()

    def rows(self):
        for connections, depth, payload in ((1, 1, 64), (64, 1, 64), (1, 32, 64), (64, 32, 64), (1, 256, 16), (64, 32, 4096)):
            load = {"connections": connections, "depth": depth, "payload": payload}
            yield self._echo(f"{connections}x{depth} {payload} B", **load)
        yield self._echo("4x1 1 MiB", connections=4, payload=MIB)
        yield self._echo("coroutine", connections=64, depth=32, payload=64, task="echo_coroutine")
        yield self._echo("connect", mode="connect", hello=1)
        yield self._told("fanout 1000", 1000)
        for payload in (64, 64 * 1024):
            yield self._streamed(f"stream {payload} B", payload)
        yield self._pinged("ping beside")

    def _row(self, name, measure):
        return Experiment(name, name, {who: (lambda field=field: measure(field)) for who, field in self.fields.items()})

    def _echo(self, name, **load):
        def measure(field):
            settings = {"address": field.server(OURS).address, "dialect": "frames", "buckets": 1, **TIMING, **load}
            return run([self.tools.path("load"), *options(settings)])
        row = self._row(name, measure)
        raw = self.fields[NOW]
        row.contestants[RAW] = lambda: raw.load(RAW, **TIMING, **{key: value for key, value in load.items() if key != "task"})
        return row

    def _told(self, name, connections):
        def measure(field):
            server = field.server(OURS, "fan-out", program="fanout", arguments={"by": "group"})
            return run([self.tools.path("fanout_receivers"), *options(
                {"address": server.address, "connections": connections, "depth": 1, **TIMING})])
        return self._row(name, measure)

    def _streamed(self, name, payload):
        def measure(field):
            server = field.server(OURS, "streams", program="stream_server", arguments={"by": "sink"})
            return run([self.tools.path("stream_client"), *options(
                {"address": server.address, "by": "source", "payload": payload, **TIMING})])
        return self._row(name, measure)

    def _pinged(self, name):
        def measure(field):
            server = field.server(OURS, "large messages", arguments={"max_message": 128 * MIB})
            report = run([self.tools.path("ping_beside_transfer"), *options(
                {"address": server.address, "transfer": 64 * MIB, **TIMING})])
            return {"rate": 1e6 / report["p99"]}  # so that more is better, as in the other rows
        return self._row(name, measure)


def ratios(row, who, to):
    return [sample[who]["rate"] / sample[to]["rate"] for sample in row.samples if who in sample and to in sample]


def line(row):
    """The median, and the middle half of the rounds."""
    cells = [f"{row.name:<16}"]
    for who, to in ((NOW, BEFORE), (AGAIN, NOW), (NOW, RAW)):
        values = sorted(ratios(row, who, to))
        if not values:
            cells.append(f"{'-':>24}")
            continue
        low, high = values[len(values) // 4], values[-1 - len(values) // 4]
        cells.append(f"{statistics.median(values):>8.3f}  [{low:5.2f}, {high:5.2f}]")
    return "  ".join(cells)


def main():
    asked = read_arguments()
    comparison = None
    try:
        comparison = Comparison(asked.before, asked.now)
        rows = [row for row in comparison.rows() if not asked.only or row.name in asked.only]
        if not rows:
            raise Failed("no such row: " + ", ".join(asked.only))
        Rounds(comparison.fields[NOW], lambda _: None, 120, time.monotonic() + 3600).run(rows, asked.rounds)
        print(f"{'rates':<16}  {'now / before':>24}  {'now again / now':>24}  {'now / raw epoll':>24}")
        for row in rows:
            print(line(row))
            for who, why in row.failures.items():
                print(f"  FAILED: {who}: {why}")
        return 1 if any(row.failures for row in rows) else 0
    except Failed as failure:
        print(f"compare: {failure}", file=sys.stderr)
        return 1
    finally:
        if comparison:
            comparison.stop()


if __name__ == "__main__":
    sys.exit(main())
