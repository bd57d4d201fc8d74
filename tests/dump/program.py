"""The program under test, and messages for it: those of bench/frames.tsv, our own.
SPDX-License-Identifier: Apache-2.0
"""

import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(os.environ.get("CCS_BUILD", os.path.join(ROOT, "build", "release")), "bin", "ccs-dump")


def frames():
    with open(os.path.join(ROOT, "bench", "frames.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")][1:]
    return {name: (kind, bytes.fromhex(text)) for name, kind, text in rows}


FRAMES = frames()
DEMAND = FRAMES["din CurrentDemandReq"][1].hex()


def run(*arguments, text=""):
    done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr
