#!/usr/bin/env python3
"""Checks, builds and tests everything; called by script/test.

    script/test [--preset NAME[,NAME]] [--suite REGEX] [--no-check] [--write-budget]

A line per suite as it ends; the whole output of each lies in build/log. A suite that cannot run here (exit code 77) is skipped, and
its reason is repeated at the end. In CI (CI=true) a suite with the label `network` must not be skipped. Wall-clock figures are
compared with script/budget.tsv and only warn.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import math
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

import check_all
import house

# Preset -> labels whose suites it leaves out. `once`: what does not depend on the compiler; `network`: live peers from a registry.
PRESETS = {
    "release": [],
    "asan": ["once", "network", "bench"],
    "clang": ["once", "network", "bench", "slice"],
    "m32": ["once", "network", "bench", "slice"],
}
DONE = re.compile(r"^\s*\d+/\d+ Test\s+#\d+: (\S+) \.+\s*(Passed|\*\*\*Skipped|\*\*\*\S.*?)\s+([\d.]+) sec")
MUST_RUN_IN_CI = "network"
BUILD_ERRORS_SHOWN = 20
JOBS = (os.cpu_count() or 2) + 1  # many suites wait for a charge in real time


def lacking(preset):
    """Why a preset cannot be built here; empty: it can."""
    if preset == "clang" and not shutil.which("clang"):
        return "clang is not on this machine"
    if preset == "m32" and not os.path.isdir(os.path.join(house.ROOT, "build", "sysroot32", "usr")):
        return "no 32-bit test libraries on this machine (script/bootstrap)"
    return ""


def build(tally, preset):
    begin = tally.seconds()
    reason = lacking(preset)
    if reason:
        tally.add(preset, "build", house.SKIPPED, 0, reason)
        return False
    path = house.log_path(preset, "build")
    for argv in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, "--", "-k", "0"]):
        code, _ = house.run(argv, path)
        if code != 0:
            break
    tally.add(preset, "build", house.PASSED if code == 0 else house.FAILED, tally.seconds() - begin)
    if code != 0:
        errors = [line for line in house.tail(path, 400).splitlines() if "FAILED" in line or "rror" in line]
        print("\n".join(errors[:BUILD_ERRORS_SHOWN]))
    return os.path.exists(os.path.join(house.ROOT, "build", preset, "CTestTestfile.cmake"))


def labels_of(folder):
    """{suite: labels}"""
    text = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    found = {}
    for test in json.loads(text)["tests"]:
        for entry in test.get("properties", []):
            if entry["name"] == "LABELS":
                found[test["name"]] = entry["value"]
    return found


def outputs_of(path):
    """{suite: what it printed}"""
    if not os.path.exists(path):
        return {}
    return {case.get("name"): case.findtext("system-out") or "" for case in xml.parse(path).iter("testcase")}


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def result_of(word, labels):
    if word == "Passed":
        return house.PASSED
    if word != "***Skipped":
        return house.FAILED
    return house.FAILED if house.IN_CI and MUST_RUN_IN_CI in labels else house.SKIPPED


def suites(tally, preset, wanted):
    """Runs the suites of a preset with CTest, a line for each as it ends."""
    folder = os.path.join(house.ROOT, "build", preset)
    junit = os.path.join(house.LOGS, f"{preset}-suites.xml")
    labels = labels_of(folder)
    argv = ["ctest", "--test-dir", folder, f"-j{JOBS}", "--output-junit", junit, "--no-tests=ignore"]
    if PRESETS[preset]:
        argv += ["-LE", f"^({'|'.join(PRESETS[preset])})$"]  # several -LE would leave out only what has every label
    if wanted:
        argv += ["-R", wanted]
    ended = []
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=house.ROOT) as ctest:
        for line in ctest.stdout:
            match = DONE.match(line)
            if match:
                suite, word, seconds = match.groups()
                ended.append((suite, result_of(word, labels.get(suite, [])), float(seconds)))
                tally.add(preset, *ended[-1], "" if word in ("Passed", "***Skipped") else word.strip("*"))
    if not ended and not wanted:
        tally.add(preset, "suites", house.FAILED, 0, "not one suite ran")
    explain(tally, preset, ended, outputs_of(junit))


def explain(tally, preset, ended, outputs):
    """Puts the reason beside each skip, and shows what a failed suite printed."""
    for index, (group, suite, result, seconds, note) in enumerate(tally.results):
        if group == preset and result != house.PASSED and suite in outputs:
            tally.results[index] = (group, suite, result, seconds, note or last_line(outputs[suite]))
    for suite, result, _ in ended:
        text = outputs.get(suite, "")
        with open(house.log_path(preset, suite), "w", encoding="utf-8") as log:
            log.write(text)
        if result == house.FAILED:
            print(f"---- {preset} {suite}")
            print("\n".join(text.splitlines()[-house.TAIL_LINES:]))
            print("----")


def write_budget(tally, whole):
    """What was measured, in whole seconds, the slowest preset of each suite; the total stays. A run of everything forgets suites
    that are no more, any other run keeps what it did not measure."""
    measured = {}
    for _, suite, result, seconds, _ in tally.results:
        if result == house.PASSED:
            measured[suite] = max(measured.get(suite, 1), math.ceil(seconds))
    kept = {suite: seconds for suite, seconds in tally.budget.items() if suite != "total" and not (whole and suite not in measured)}
    rows = {**kept, **measured}
    with open(house.BUDGET, encoding="utf-8") as file:
        comments = [line for line in file if line.startswith("#")]
    with open(house.BUDGET, "w", encoding="utf-8") as file:
        file.writelines(comments)
        file.write(f"total\t{tally.budget.get('total', 900):g}\n")
        file.writelines(f"{suite}\t{rows[suite]:g}\n" for suite in sorted(rows))


def main():
    options = argparse.ArgumentParser(prog="script/test", description="Checks, builds and tests everything.")
    options.add_argument("--preset", default=",".join(PRESETS), help="only these, by comma: " + " ".join(PRESETS))
    options.add_argument("--suite", default="", metavar="REGEX", help="only suites whose name fits")
    options.add_argument("--no-check", action="store_true", help="leave script/check out")
    options.add_argument("--write-budget", action="store_true", help="write script/budget.tsv from what was measured")
    given = options.parse_args()
    presets = given.preset.split(",")
    if set(presets) - set(PRESETS):
        options.error("presets are: " + " ".join(PRESETS))
    tally = house.Tally()
    if not given.no_check:
        check_all.judge(tally, [name for name in check_all.STEPS if name not in check_all.BESIDE])
    checks = None
    for preset in presets:
        built = build(tally, preset)
        checks = checks or (None if given.no_check else check_all.judge_beside(tally))
        if built:
            suites(tally, preset, given.suite)
    if checks:
        checks()
    if given.write_budget:
        write_budget(tally, whole=not given.suite and not given.no_check and presets == list(PRESETS))
    return 0 if tally.summary() else 1


if __name__ == "__main__":
    sys.exit(main())
