#!/usr/bin/env python3
"""Reads LCOV from standard input, prints the lines covered of each file, fails if fewer: coverage.py PERCENT."""

import os
import sys


def lines_of(report):
    """File to {line: how often it ran}."""
    files = {}
    for record in report:
        key, _, value = record.strip().partition(":")
        if key == "SF":
            lines = files.setdefault(os.path.relpath(value), {})
        elif key == "DA":
            line, count = (int(number) for number in value.split(",")[:2])
            lines[line] = max(count, lines.get(line, 0))
    return files


def ranges(numbers):
    """As a person writes them: 3, 7-9."""
    parts = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def main():
    wanted = float(sys.argv[1])
    files = lines_of(sys.stdin)
    if not files:
        sys.exit("coverage: the report names no file")
    width = max(map(len, files))
    ran_in_all = lines_in_all = 0
    for name, lines in sorted(files.items()):
        missed = sorted(line for line, count in lines.items() if count == 0)
        ran = len(lines) - len(missed)
        ran_in_all, lines_in_all = ran_in_all + ran, lines_in_all + len(lines)
        print(f"{name:{width}} {ran:5} of {len(lines):5} {ran / len(lines):7.1%}  {ranges(missed)}".rstrip())
    share = 100 * ran_in_all / lines_in_all
    print(f"{'in total':{width}} {ran_in_all:5} of {lines_in_all:5} {share:6.1f}%")
    if share < wanted:
        sys.exit(f"coverage: {share:.1f} % of the lines ran, {wanted:g} % are wanted")


if __name__ == "__main__":
    main()
