#!/usr/bin/env python3
"""The gate of script/bench can fail: a regression of more than 5 % in instructions or bytes is seen, and a compiler without a baseline is
told. One message is measured with baselines that are planted for it.
SPDX-License-Identifier: Apache-2.0
"""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, os.environ.get("CCS_BUILD", "build/release"), "bin", "bench-exi")
MESSAGE = "sap supportedAppProtocolRes"
HARMLESS, TOO_MUCH = 1.04, 1.06


def bench(folder, *more):
    """(exit code, what it says) of one measurement with the baselines of a folder."""
    argv = ["python3", "-B", os.path.join(ROOT, "bench", "bench.py"), "--program", PROGRAM, "--check", "--message", MESSAGE]
    done = subprocess.run([*argv, "--baselines", folder, *more], capture_output=True, text=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout + done.stderr


def planted(folder, name, change):
    """Writes the measured baseline, changed, and measures against it."""
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as file:
        measured = json.load(file)
    spoiled = copy.deepcopy(measured)
    change(spoiled)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(spoiled, file)
    result = bench(folder)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(measured, file)
    return result


def instructions_were(factor, way):
    def change(baseline):
        ways = baseline["instructions"][MESSAGE]
        ways[way] = round(ways[way] / factor)

    return change


def bytes_were(factor):
    def change(baseline):
        for target in baseline["bytes"].values():
            target["code"] = round(sum(target.values()) / factor) - target["constants"]

    return change


def expect(what, result, code, words):
    if result[0] != code or words not in result[1]:
        sys.exit(f"bench_planted: {what}: ended with {result[0]}, not {code}, and said:\n{result[1]}")


def main():
    if not shutil.which("valgrind"):
        print("bench_planted: needs valgrind")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        expect("no baseline", bench(folder), 77, "NO BASELINE for ")
        expect("a fresh baseline", bench(folder, "--baseline"), 0, " 0 beyond goal or baseline")
        name = os.listdir(folder)[0]
        for way in ("decode", "encode"):
            expect(f"4 % in {way}", planted(folder, name, instructions_were(HARMLESS, way)), 0, " 0 beyond")
            expect(f"6 % in {way}", planted(folder, name, instructions_were(TOO_MUCH, way)), 1, f"{MESSAGE} {way}: ")
        if shutil.which("arm-none-eabi-gcc"):
            expect("4 % in bytes", planted(folder, name, bytes_were(HARMLESS)), 0, " 0 beyond")
            expect("6 % in bytes", planted(folder, name, bytes_were(TOO_MUCH)), 1, "Cortex-M3: ")
        expect("unknown", planted(folder, name, lambda baseline: baseline["instructions"].clear()), 0, "is not in the baseline")
    print("bench_planted: 4 % pass, 6 % fail, a compiler without a baseline is told")
    return 0


if __name__ == "__main__":
    sys.exit(main())
