#!/usr/bin/env python3
"""Judges the text of the repository; called by script/check and script/format.

    script/check [STEP ...]     STEP: floors format generated cppcheck tidy; all without one
    script/format [FILE ...]    format in place

A file that was judged good, and whose includes and rules have not changed, is not judged again (build/check).
SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading

import house

OURS = ("include", "src", "ports", "sim", "apps", "examples", "tests", "bench", "fuzz", "firmware")
PRODUCT = ("src/", "ports/", "sim/", "apps/", "examples/")
GENERATED = ("src/messages/",)  # written by tools/exigen.py, judged by the step `generated`
JUDGED = os.path.join(house.ROOT, "build", "check")
FORMAT_VERSION = "14"  # versions differ in detail: one of them is the rule
WORKERS = os.cpu_count() or 2


def sources(endings=(".c", ".h"), folders=OURS):
    found = []
    for folder in folders:
        for ending in endings:
            found += glob.glob(os.path.join(house.ROOT, folder, "**", "*" + ending), recursive=True)
    paths = sorted(os.path.relpath(path, house.ROOT) for path in found)
    return [path for path in paths if not path.startswith(GENERATED)]


def digest(*paths_and_words):
    """Of the contents of files, and of words that are no files."""
    total = hashlib.sha256()
    for item in paths_and_words:
        path = os.path.join(house.ROOT, item)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                total.update(file.read())
        total.update(item.encode() + b"\0")
    return total.hexdigest()


class Memory:
    """Which contents were judged good, by one tool with its settings."""

    def __init__(self, tool, *settings):
        os.makedirs(JUDGED, exist_ok=True)
        self.path = os.path.join(JUDGED, tool + ".json")
        self.settings = digest(*settings)
        try:
            with open(self.path, encoding="utf-8") as file:
                kept = json.load(file)
        except (OSError, ValueError):
            kept = {}
        self.good = set(kept.get("good", [])) if kept.get("settings") == self.settings else set()
        self.seen = set()

    def knows(self, key):
        if key in self.good:
            self.seen.add(key)
        return key in self.good

    def keep(self, key):
        self.seen.add(key)

    def save(self):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump({"settings": self.settings, "good": sorted(self.seen)}, file)


def version_of(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True).stdout


# ---- clang-format

def formatter():
    ours = os.path.join(house.ROOT, "build", "clang-format", "bin", "clang-format")  # of tools/get_clang_format.sh
    for name in ("clang-format-" + FORMAT_VERSION, "clang-format", ours):
        if shutil.which(name) and f"version {FORMAT_VERSION}." in version_of(name):
            return name
    return None


def format_check():
    tool = formatter()
    if not tool:
        print(f"no clang-format {FORMAT_VERSION}; this Debian's differs in detail, and none could be fetched (tools/get_clang_format.sh)")
        return house.EXIT_SKIPPED
    return subprocess.run([tool, "--dry-run", "-Werror", "--ferror-limit=3", *sources()], cwd=house.ROOT).returncode


def format_in_place(files):
    tool = formatter() or sys.exit(f"clang-format {FORMAT_VERSION} is not on this machine (script/bootstrap brings it)")
    return subprocess.run([tool, "-i", *(files or sources())], cwd=house.ROOT).returncode


# ---- generated files

def generated_check():
    """What tools/exigen.py writes today is what is committed."""
    if not os.path.exists(os.path.join(house.ROOT, "tools", "exigen.py")):
        print("tools/exigen.py is not there yet")
        return house.EXIT_SKIPPED
    return subprocess.run([sys.executable, "tools/exigen.py", "--check"], cwd=house.ROOT).returncode


# ---- cppcheck

# uninitvar: version 2.17 takes a buffer that one argument of a call fills for one that another argument reads.
# comparePointers, subtractPointers: on bare metal the linker names both ends of one object.
CPPCHECK = ("cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 "
            "--suppress=missingIncludeSystem --suppress=unusedStructMember --suppress=normalCheckLevelMaxBranches "
            "--suppress=uninitvar:ports/common/capture/capture.c "
            "--suppress=comparePointers:ports/bare/* --suppress=subtractPointers:ports/bare/* "
            "-Iinclude -Isrc -I. -D__GNUC__=12 -D_GNU_SOURCE").split()


def cppcheck_check():
    if not shutil.which("cppcheck"):
        print("cppcheck is not on this machine")
        return house.EXIT_SKIPPED
    cache = os.path.join(JUDGED, "cppcheck")
    os.makedirs(cache, exist_ok=True)
    folders = [folder for folder in PRODUCT if os.path.isdir(os.path.join(house.ROOT, folder))]
    argv = [*CPPCHECK, f"-j{WORKERS}", f"--cppcheck-build-dir={cache}", "-isrc/messages", *folders]
    return subprocess.run(argv, cwd=house.ROOT).returncode


# ---- clang-tidy

def compile_commands():
    """{file: its command as words}, from the preset release. Configures it if need be."""
    path = os.path.join(house.ROOT, "build", "release", "compile_commands.json")
    if not os.path.exists(path):
        subprocess.run(["cmake", "--preset", "release"], cwd=house.ROOT, stdout=subprocess.DEVNULL, check=True)
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    return {os.path.relpath(entry["file"], house.ROOT): entry["command"].split() for entry in entries}


def includes_of(command, path):
    """Every file of ours that a compilation reads."""
    argv = [word for word in command if not word.startswith("-o")]
    cut = argv.index("-c") if "-c" in argv else len(argv)
    flags = [word for word in argv[1:cut] if word.startswith(("-I", "-D", "-std"))]
    done = subprocess.run(["gcc", "-MM", *flags, path], cwd=house.ROOT, capture_output=True, text=True)
    return sorted(word for word in done.stdout.replace("\\\n", " ").split()[1:])


def tidy(path):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", "build/release", path], cwd=house.ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout


def tidy_wanted(memory):
    """[(path, key)] of what is not known to be good."""
    wanted = []
    commands = compile_commands()
    paths = [path for path in commands if path.startswith(PRODUCT) and not path.startswith(GENERATED) and os.path.exists(path)]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        keys = pool.map(lambda path: digest(*includes_of(commands[path], path), " ".join(commands[path])), paths)
        for path, key in zip(paths, keys):
            if not memory.knows(key):
                wanted.append((path, key))
    return wanted


def tidy_check():
    if not shutil.which("clang-tidy"):
        print("clang-tidy is not on this machine")
        return house.EXIT_SKIPPED
    os.chdir(house.ROOT)
    memory = Memory("tidy", ".clang-tidy", version_of("clang-tidy"))
    wanted, bad = tidy_wanted(memory), 0
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for (path, key), (code, text) in zip(wanted, pool.map(tidy, [path for path, _ in wanted])):
            if code == 0:
                memory.keep(key)
            else:
                bad += 1
                print(text)
    memory.save()
    print(f"{len(wanted)} files judged, {bad} with findings")
    return 1 if bad else 0


# ---- all of it

def floors_check():
    return subprocess.run([sys.executable, "tools/check_floors.py"], cwd=house.ROOT).returncode


BESIDE = ("tidy",)  # long: script/test runs them beside the suites, many of which wait for a charge in real time
STEPS = {
    "floors": floors_check,
    "format": format_check,
    "generated": generated_check,
    "cppcheck": cppcheck_check,
    "tidy": tidy_check,
}


def judge(tally, names=None):
    """Runs steps in order, each as a process of its own with its log. True: all passed."""
    passed = [house.step(tally, "check", name, [sys.executable, __file__, "--step", name]) for name in names or STEPS]
    return all(passed)


def judge_beside(tally):
    """The long steps, in the background of the suites. Returns what waits for their end."""
    def work():
        for name in BESIDE:
            house.step(tally, "check", name, ["nice", "-n", "19", sys.executable, __file__, "--step", name])

    thread = threading.Thread(target=work)
    thread.start()
    return thread.join


def main(arguments):
    if arguments[:1] == ["--format"]:
        return format_in_place(arguments[1:])
    if arguments[:1] == ["--step"]:
        return STEPS[arguments[1]]()
    unknown = [name for name in arguments if name not in STEPS]
    if unknown:
        print(__doc__, file=sys.stderr)
        return 2
    tally = house.Tally()
    judge(tally, arguments)
    return 0 if tally.summary() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
