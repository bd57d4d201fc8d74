#!/usr/bin/env python3
"""Puts the program that README.md shows into it: what stands between the fences is examples/secc_minimal.c, to the letter.

    tools/readme.py            writes README.md; tests/house compares
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = re.compile(r"(<!-- (examples/\S+\.c) -->\n```c\n).*?(```)", re.S)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def main():
    text = PROGRAM.sub(lambda match: match[1] + read(match[2]) + match[3], read("README.md"))
    with open(os.path.join(ROOT, "README.md"), "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
