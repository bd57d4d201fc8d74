#!/usr/bin/env python3
"""What the seeds of a harness reach, so that fuzzing begins inside: every function of the charger's matching machine, of its session map
and of DIN. The harness is built with clang's coverage, fed its seeds once, and each function that none of them entered is a failure,
unless ELSEWHERE says why.

    tests/fuzz/reach.py [CORPUS]      with a corpus: what that reaches as well
SPDX-License-Identifier: Apache-2.0
"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAME = "secc"
LOOKED_AT = ("src/slac/", "src/mme/", "src/secc/", "src/din/", "src/session/")
NOT_HERE = ("src/slac/ev.c", "src/din/ev", "src/session/ask", "src/mme/names.c")  # of the car, and of ccs-dump
ELSEWHERE = {
    "resume": "a pause is never ordered with DIN 70121; tests/slac",
    "session_outcome_name": "of the tests",
    "ccs_slac_misbehave_name": "of the car's settings",
    "ccs_slac_mode_name": "of the settings",
    "slac_session_state_name": "of the document",
}


def tool(clang, name):
    return subprocess.run([clang, f"--print-prog-name={name}"], capture_output=True, text=True, check=True).stdout.strip()


def sources():
    """(harness, [source]) of the table that script/fuzz builds from."""
    with open(os.path.join(ROOT, "fuzz", "targets.tsv"), encoding="utf-8") as table:
        row = next(line.rstrip("\n").split("\t") for line in table if line.startswith(NAME + "\t"))
    found = [os.path.join("fuzz", row[1])]
    for place in ["src/base", *row[2].split()]:
        folder = os.path.join(ROOT, place)
        found += [os.path.join(place, name) for name in sorted(os.listdir(folder)) if name.endswith(".c")] if os.path.isdir(folder) else [place]
    return found


def build(clang, folder):
    options = ["-std=c11", "-O1", "-D_GNU_SOURCE", "-Iinclude", "-Isrc", "-I.", "-fprofile-instr-generate", "-fcoverage-mapping"]

    def compiled(source):
        target = os.path.join(folder, source.replace("/", "_") + ".o")
        subprocess.run([clang, *options, "-fsanitize=fuzzer-no-link", "-c", source, "-o", target], check=True, cwd=ROOT)
        return target

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compiled, sources()))
    program = os.path.join(folder, NAME)
    subprocess.run([clang, *options, "-fsanitize=fuzzer", *objects, "-o", program], check=True, cwd=ROOT)
    return program


def functions(clang, program, corpus, folder):
    """[(file, function, times entered)] after one look at each input."""
    raw, profile = os.path.join(folder, "raw"), os.path.join(folder, "profile")
    subprocess.run([program, "-runs=0", corpus], check=True, capture_output=True, env={**os.environ, "LLVM_PROFILE_FILE": raw})
    subprocess.run([tool(clang, "llvm-profdata"), "merge", raw, "-o", profile], check=True)
    told = subprocess.run([tool(clang, "llvm-cov"), "export", program, f"-instr-profile={profile}"], check=True, capture_output=True, cwd=ROOT)
    for one in json.loads(told.stdout)["data"][0]["functions"]:
        path = os.path.relpath(os.path.join(ROOT, one["filenames"][0]), ROOT)
        yield path, one["name"].split(":")[-1], one["count"]


def judged(rows):
    """Prints a line per file; returns what was not reached."""
    missing = []
    of_file = {}
    for path, name, count in rows:
        if path.startswith(LOOKED_AT) and not path.startswith(NOT_HERE):
            of_file.setdefault(path, {}).setdefault(name, 0)
            of_file[path][name] += count
    for path, counts in sorted(of_file.items()):
        unseen = sorted(name for name, count in counts.items() if count == 0)
        print(f"{path:32} {len(counts) - len(unseen):3} of {len(counts):3} functions {' '.join(unseen)}")
        missing += [name for name in unseen if name not in ELSEWHERE]
    return missing


def main():
    clang = next((path for path in map(shutil.which, ("clang", "clang-14", "clang-19")) if path), None)
    if not clang or not all(shutil.which(tool(clang, name)) for name in ("llvm-profdata", "llvm-cov")):
        print("fuzz_reach: needs clang, llvm-profdata and llvm-cov (package llvm)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        corpus = os.path.join(folder, "corpus")
        os.mkdir(corpus)
        subprocess.run([sys.executable, os.path.join(ROOT, "fuzz", "seeds.py"), NAME, corpus], check=True)
        for more in sys.argv[1:]:
            shutil.copytree(more, corpus, dirs_exist_ok=True)
        inputs = len(os.listdir(corpus))
        missing = judged(functions(clang, build(clang, folder), corpus, folder))
    for name in missing:
        print(f"fuzz_reach: {name} is not reached")
    print(f"fuzz_reach: {inputs} inputs, {len(missing)} functions that none of them enters")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
