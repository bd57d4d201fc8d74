#!/usr/bin/env python3
"""Counts what the EXI codec costs and compares it: with the goals, with libcbv2g, with the committed baseline of this compiler.

Instructions: callgrind on bench-exi, difference of a long and a short run; the same on every machine for the same compiler.
Bytes: sections of the codec and its rows that remain when everything unreachable is dropped, -Os, for the small targets.
Nanoseconds are printed for people and are never a gate.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.environ.get("CCS_SHARED", os.path.join(ROOT, "..", "shared"))
REPETITIONS, FEWER = 1100, 100
REGRESSION = 1.05
FLASH_GOAL = 32 * 1024
WAYS = ("decode", "encode")

TARGETS = {
    "Cortex-M3": ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb"],
    "Xtensa lx106": [
        "xtensa-lx106-elf-gcc",
        "-mlongcalls",
        "-mtext-section-literals",
        "--specs=/usr/lib/xtensa-lx106-elf/picolibc.specs",
    ],
}
# What a charger links: everything reachable from these.
ENTRIES = [
    "exi_decode_with",
    "exi_encode",
    "exi_list_first",
    "exi_list_next",
    "exi_sap",
    "exi_din",
    "exi_iso2",
    "exi_iso20",
    "exi_iso20_dc",
    "exi_xmldsig",
]


def rows_of(name):
    """Lines of a table in bench/, as dictionaries by its first line."""
    with open(os.path.join(ROOT, "bench", name), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("# ")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, check=False, **options)


# ---- instructions


def collected(program, row, direction, count):
    with tempfile.NamedTemporaryFile() as out:
        done = run(
            "valgrind",
            "--tool=callgrind",
            f"--callgrind-out-file={out.name}",
            program,
            row["set"],
            row["hex"],
            direction,
            str(count),
            env={"PATH": os.environ["PATH"]},
        )
    if done.returncode != 0:
        words = [line for line in done.stderr.splitlines() if not line.startswith("==")]
        sys.exit(f"bench: {row['name']} {direction}: {' '.join(words)}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def instructions_of(program, row, direction):
    more, fewer = (collected(program, row, direction, count) for count in (REPETITIONS, FEWER))
    return round((more - fewer) / (REPETITIONS - FEWER))


def measure_instructions(program, rows):
    """{name: {direction: instructions}}, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = {(row["name"], way): pool.submit(instructions_of, program, row, way) for row in rows for way in WAYS}
        found = {}
        for (name, way), future in waiting.items():
            found.setdefault(name, {})[way] = future.result()
    return found


def nanoseconds_of(program, row, direction):
    count = 200000 if len(row["hex"]) < 400 else 20000
    runs = [run(program, "--time", row["set"], row["hex"], direction, str(count)).stdout for _ in range(3)]
    return min(float(text) for text in runs)


# ---- bytes


def sources():
    folder = os.path.join(ROOT, "src", "exi")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".c")] + [
        os.path.join(ROOT, "src", "messages", "rows.c")
    ]


def section_sizes(size_tool, path):
    """(code, constants) of an object."""
    code = constants = 0
    for line in run(size_tool, "-A", path).stdout.splitlines():
        fields = line.split()
        if len(fields) < 2 or not fields[1].isdigit():
            continue
        if re.match(r"\.(text|literal|iram)", fields[0]):
            code += int(fields[1])
        elif re.match(r"\.(rodata|srodata)", fields[0]):
            constants += int(fields[1])
    return code, constants


def flash_of(compiler):
    """Code and constants after dropping what the entries do not reach; None without the compiler."""
    if not shutil.which(compiler[0]):
        return None
    tool = compiler[0].removesuffix("gcc")
    with tempfile.TemporaryDirectory() as folder:
        objects = []
        for path in sources():
            objects.append(os.path.join(folder, f"{len(objects)}.o"))
            done = run(
                *compiler,
                "-std=c11",
                "-Os",
                "-ffunction-sections",
                "-fdata-sections",
                "-fno-common",
                f"-I{ROOT}/src",
                f"-I{ROOT}/include",
                "-c",
                path,
                "-o",
                objects[-1],
            )
            if done.returncode:
                sys.exit(f"bench: {compiler[0]}: {done.stderr}")
        whole = os.path.join(folder, "whole.o")
        keep = [word for entry in ENTRIES for word in ("-u", entry)]
        done = run(tool + "ld", "-r", "--gc-sections", *keep, "-e", ENTRIES[0], *objects, "-o", whole)
        if done.returncode:
            sys.exit(f"bench: {tool}ld: {done.stderr}")
        code, constants = section_sizes(tool + "size", whole)
    return {"code": code, "constants": constants}


# ---- comparison


def compiler_name(program):
    """gcc-12: what built the program."""
    text = run("readelf", "-p", ".comment", program).stdout
    gcc, clang = re.search(r"GCC: \(.*?\) (\d+)", text), re.search(r"clang version (\d+)", text)
    return f"clang-{clang.group(1)}" if clang else f"gcc-{gcc.group(1)}" if gcc else "unknown"


BASELINES = os.path.join(ROOT, "bench", "baseline")


def unjudged(old, new):
    """Lines for what the baseline does not know."""
    names = [name for name in new["instructions"] if name not in old["instructions"]]
    names += [target for target in new["bytes"] if target not in old["bytes"]]
    return [f"{name} is not in the baseline: not judged; script/bench --baseline takes it in" for name in names]


def regressions(old, new):
    """Lines for whatever grew by more than REGRESSION."""
    found = []
    for name, ways in new["instructions"].items():
        for way, count in ways.items():
            before = old["instructions"].get(name, {}).get(way)
            if before and count > before * REGRESSION:
                found.append(f"{name} {way}: {count} instructions, {before} before")
    for target, flash in new["bytes"].items():
        before = old["bytes"].get(target)
        if before and sum(flash.values()) > sum(before.values()) * REGRESSION:
            found.append(f"{target}: {sum(flash.values())} bytes, {sum(before.values())} before")
    return found


def missed(goals, new):
    """Lines for every goal that does not hold: 1/factor of libcbv2g's instructions, FLASH_GOAL bytes on Cortex-M3."""
    found = []
    for goal in goals:
        for way in WAYS:
            count = new["instructions"].get(goal["name"], {}).get(way)
            if goal["factor"] and count and count * int(goal["factor"]) > int(goal[way]):
                found.append(f"{goal['name']} {way}: {count} instructions are more than 1/{goal['factor']} of {goal[way]}")
    flash = new["bytes"].get("Cortex-M3")
    if flash and sum(flash.values()) > FLASH_GOAL:
        found.append(f"Cortex-M3: {sum(flash.values())} bytes are more than {FLASH_GOAL}")
    return found


# ---- docs/SIZES.md

HEAD = f"""# Sizes and speed of the EXI codec

Written by `script/bench`; do not edit. Instructions per message: x86-64, COMPILER -O2, callgrind, difference of {REPETITIONS} and
{FEWER} repetitions. libcbv2g: its commit 54fed4d, gcc 12.2 -O2, on frames of the same shape. Factor: how many times fewer instructions
than libcbv2g. Nanoseconds: of the machine that ran the script.

| message | octets | decode | encode | libcbv2g decode | encode | factor decode | encode | goal | ns decode | ns encode |
|---|---|---|---|---|---|---|---|---|---|---|
"""
FLASH_HEAD = f"""
## Flash

Codec and rows of all sets (SAP, DIN 70121, ISO 15118-2, ISO 15118-20 common messages and DC, XMLDSig) with `-Os`, without names.
Goal: {FLASH_GOAL:,} bytes on Cortex-M3; libcbv2g needs 253,044 for the same sets on Cortex-M4.

| target | code | constants | together |
|---|---|---|---|
"""


def cells(row, ways, goal, times):
    peer = [f"{int(goal[way]):,}" for way in WAYS] if goal else ["", ""]
    factor = [f"{int(goal[way]) / ways[way]:.1f}" for way in WAYS] if goal else ["", ""]
    counts = [f"{ways[way]:,}" for way in WAYS]
    return [
        row["name"],
        str(len(row["hex"]) // 2),
        *counts,
        *peer,
        *factor,
        goal["factor"] if goal else "",
        *(f"{times[way]:.0f}" for way in WAYS),
    ]


def document(rows, goals, new, times, compiler):
    """Text of docs/SIZES.md."""
    by_name = {goal["name"]: goal for goal in goals}
    text = HEAD.replace("COMPILER", compiler)
    for row in rows:
        name = row["name"]
        text += "| " + " | ".join(cells(row, new["instructions"][name], by_name.get(name), times[name])) + " |\n"
    text += FLASH_HEAD
    for target, flash in new["bytes"].items():
        text += f"| {target} | {flash['code']:,} | {flash['constants']:,} | {sum(flash.values()):,} |\n"
    return text


def write_document(text):
    """Our part of docs/SIZES.md; what stands behind the line of script/sizes is the images'."""
    path, mark = os.path.join(ROOT, "docs", "SIZES.md"), "<!-- script/sizes -->"
    with open(path, encoding="utf-8") as file:
        _, line, rest = file.read().partition(mark)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + ("\n" + line + rest if line else ""))


def judge(compiler, path, goals, new):
    """Prints what is wrong. 0: nothing; 1: something; 77: the goals hold, but there is no baseline to compare with."""
    bad, notes = missed(goals, new), []
    known = os.path.exists(path)
    if known:
        with open(path, encoding="utf-8") as file:
            old = json.load(file)
        bad += regressions(old, new)
        notes = unjudged(old, new)
    for line in notes + bad:
        print("bench: " + line)
    print(f"bench: {len(new['instructions'])} messages, {len(bad)} beyond goal or baseline")
    if bad or known:
        return 1 if bad else 0
    print(f"bench: NO BASELINE for {compiler}: regressions are not judged, the goals alone; script/bench --baseline makes one")
    return 77


def options_of(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--check", action="store_true", help="no times, no document")
    parser.add_argument("--baseline", action="store_true", help="what is measured becomes the baseline")
    parser.add_argument("--baselines", default=BASELINES, help="folder of the baselines")
    parser.add_argument("--message", help="this one alone")
    return parser.parse_args(arguments)


def main(arguments):
    options = options_of(arguments)
    if not shutil.which("valgrind"):
        print("bench: needs valgrind")
        return 77
    rows = [row for row in rows_of("frames.tsv") if options.message in (None, row["name"])]
    goals = rows_of("libcbv2g.tsv")
    new = {
        "instructions": measure_instructions(options.program, rows),
        "bytes": {target: flash for target, compiler in TARGETS.items() if (flash := flash_of(compiler))},
    }
    compiler = compiler_name(options.program)
    path = os.path.join(options.baselines, f"{compiler}.json")
    for target in TARGETS.keys() - new["bytes"].keys():
        print(f"bench: no compiler for {target}: its bytes are not judged")
    if options.baseline:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(new, file, indent=1, sort_keys=True)
            file.write("\n")
    if not options.check:
        times = {row["name"]: {way: nanoseconds_of(options.program, row, way) for way in WAYS} for row in rows}
        text = document(rows, goals, new, times, compiler)
        write_document(text)
        print(text)
    return judge(compiler, path, goals, new)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
