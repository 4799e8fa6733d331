#!/usr/bin/env python3
"""Counts per request, and fails if a count is above its bound: `count.py FOLDER server_allocations=0 ...`."""

import sys

sys.dont_write_bytecode = True

from harness import counts  # noqa: E402
from harness.contestants import OURS, Field  # noqa: E402
from harness.programs import Failed, Toolbox  # noqa: E402

ATTEMPTS = 3  # a count above its bound is repeated: a timer that fires or a stalled load adds to a count

COUNTS = {
    "server_allocations": counts.server_allocations,
    "client_allocations": counts.client_allocations,
    "system_calls_1x32": lambda field: counts.system_calls(field, OURS, 1, 32),
    "system_calls_64x32": lambda field: counts.system_calls(field, OURS, 64, 32),
}


def main():
    field = Field(Toolbox(sys.argv[1]))
    above = 0
    try:
        for wanted in sys.argv[2:]:
            name, _, bound = wanted.partition("=")
            for _ in range(ATTEMPTS):
                value = round(COUNTS[name](field), 3)
                print(f"{name} per request: {value:g}, at most {bound}")
                if value <= float(bound):
                    break
            else:
                above += 1
    except Failed as failure:
        print(failure)
        return 1
    finally:
        field.stop()
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
