"""What the scripts of the house share: a step with its line of progress, and the tally behind `N passed, N failed, N skipped`.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(ROOT, "build", "log")
BUDGET = os.path.join(ROOT, "script", "budget.tsv")
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
PASSED, FAILED, SKIPPED = "passed", "FAILED", "SKIPPED"
EXIT_SKIPPED = 77
TAIL_LINES = 40
SLACK, SLACK_S = 2, 5   # a suite may take twice its seconds and five more before a line says so: machines are busy


def read_budget(path=BUDGET):
    """{suite: seconds} of the committed table."""
    budget = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                suite, seconds = line.rstrip("\n").split("\t")
                budget[suite] = float(seconds)
    return budget


class Tally:
    """Counts results and prints a line for each. Wall-clock figures warn and never fail."""

    def __init__(self, budget=None):
        self.budget = budget if budget is not None else read_budget()
        self.results = []  # (group, suite, result, seconds, note)
        self.started = time.monotonic()

    def add(self, group, suite, result, seconds, note=""):
        self.results.append((group, suite, result, seconds, note))
        late = f"  LATE, its budget is {self.budget[suite]:g} s" if self.is_late(suite, seconds) else ""
        print(f"{group:<8} {suite:<28} {result:<8} {seconds:7.1f} s{late}{'  ' + note if note else ''}", flush=True)

    def is_late(self, suite, seconds):
        return suite in self.budget and seconds > SLACK * self.budget[suite] + SLACK_S

    def count(self, result):
        return sum(1 for entry in self.results if entry[2] == result)

    def seconds(self):
        return time.monotonic() - self.started

    def summary(self):
        """The last line, after a reminder of what was skipped and what failed. True: nothing failed."""
        for group, suite, result, _, note in self.results:
            if result != PASSED:
                print(f"{result}: {group} {suite}{': ' + note if note else ''}")
        missing = sorted({entry[1] for entry in self.results} - set(self.budget))
        if missing:
            print(f"no budget for: {' '.join(missing)} (script/test --write-budget)")
        late = [f"{group} {suite}" for group, suite, _, seconds, _ in self.results if self.is_late(suite, seconds)]
        if late:
            print(f"WARNING: far above their budget: {', '.join(late)}")
        total = self.budget.get("total")
        if total and self.seconds() > total:
            print(f"WARNING: {self.seconds():.0f} s in all; the budget is {total:g} s")
        print(f"{self.count(PASSED)} passed, {self.count(FAILED)} failed, {self.count(SKIPPED)} skipped in {self.seconds():.0f} s")
        return self.count(FAILED) == 0


def log_path(group, suite):
    os.makedirs(LOGS, exist_ok=True)
    return os.path.join(LOGS, f"{group}-{suite}.log".replace("/", "_"))


def tail(path, lines=TAIL_LINES):
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-lines:])


def last_line(path):
    lines = [line for line in tail(path).splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def run(argv, path, env=None):
    """Runs argv with its output in a log. Returns (exit code, seconds)."""
    begin = time.monotonic()
    with open(path, "w", encoding="utf-8") as log:
        try:
            done = subprocess.run(argv, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env)
            code = done.returncode
        except FileNotFoundError as missing:
            log.write(f"{missing}\n")
            code = 127
    return code, time.monotonic() - begin


def step(tally, group, suite, argv, env=None):
    """One step with its line; a failure shows the end of its log. True: passed."""
    path = log_path(group, suite)
    code, seconds = run(argv, path, env)
    if code == EXIT_SKIPPED:
        tally.add(group, suite, SKIPPED, seconds, last_line(path))
        return True
    tally.add(group, suite, PASSED if code == 0 else FAILED, seconds)
    if code != 0:
        sys.stdout.write(tail(path))
    return code == 0
