#!/usr/bin/env python3
"""Writes measured times into docs/TIMES.md; called by script/measure.

    tools/times.py SUITE RESULTS.tsv docs/TIMES.md
SPDX-License-Identifier: Apache-2.0
"""
import datetime
import os
import sys

ROWS = [
    ("demo_first_current", "`script/demo` on a bare machine, to the first current", "180 s"),
    ("demo_first", "the same, to its end", ""),
    ("demo_second_current", "`script/demo` again, to the first current", "seconds"),
    ("bootstrap", "`script/bootstrap`, what the tests add", ""),
    ("test", "`script/test`", "900 s"),
]
HEAD = """# Measured times

Wall-clock seconds on a bare Debian (debootstrap, minbase) in a folder, packages from a nearby mirror. Written by
`script/measure`; a promise, not a gate: the tests only warn.
"""


def read_results(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t") for line in file if "\t" in line)


def section(suite, results):
    day = datetime.date.today().isoformat()
    lines = [f"## {suite}", "", f"{day}, {os.cpu_count()} cores", "", "| what | seconds | at most |", "|---|---|---|"]
    lines += [f"| {what} | {results[name]} | {most} |" for name, what, most in ROWS if results.get(name)]
    return "\n".join(lines) + "\n"


def other_sections(path, suite):
    """Sections of other Debians stay as they are."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        parts = file.read().split("\n## ")[1:]
    return ["## " + part.rstrip("\n") + "\n" for part in parts if not part.startswith(suite)]


def main():
    suite, results, path = sys.argv[1:]
    sections = sorted([section(suite, read_results(results)), *other_sections(path, suite)])
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD + "\n" + "\n".join(sections))
    return 0


if __name__ == "__main__":
    sys.exit(main())
