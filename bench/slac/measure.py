#!/usr/bin/env python3
"""What SLAC and the modem driver cost: instructions per message, per frame and per match, and the time from plug to link.

    bench/slac/measure.py --program build/release/bin/bench-slac              prints, and writes docs/SLAC-COST.md
    bench/slac/measure.py --program ... --check                               against the baseline of this compiler, and the norm's time
    bench/slac/measure.py --program ... --baseline                            takes the figures as the new baseline

Instructions: callgrind, difference of a long and a short run. Ends with 77 where valgrind or a baseline is missing.
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

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
REPETITIONS, FEWER = 1100, 100
REGRESSION = 1.05
CAR, CHARGER, MODEM = "02000000ca00", "020000005e00", "00b052000001"
RUN_ID, NID, NMK = "0102030405060708", "11223344556677", "a39d255b5770c42f3837471f5b39823a"
FRAMES = (60, 1514)


def message(name, mmtype, payload, size=60, version=1):
    head = MODEM + CAR + "88e1" + f"{version:02x}" + mmtype.to_bytes(2, "little").hex() + ("0000" if version else "00b052")
    return name, (head + payload).ljust(2 * size, "0")


MESSAGES = [
    message("CM_SLAC_PARM.REQ", 0x6064, "0000" + RUN_ID),
    message("CM_SLAC_PARM.CNF", 0x6065, "ff" * 6 + "0a0601" + CAR + "0000" + RUN_ID),
    message("CM_START_ATTEN_CHAR.IND", 0x606A, "00000a0601" + CAR + RUN_ID),
    message("CM_MNBC_SOUND.IND", 0x6076, "0000" + "00" * 17 + "09" + RUN_ID + "00" * 8 + "ff" * 16, 71),
    message("CM_ATTEN_PROFILE.IND", 0x6086, CAR + "3a00" + "0f" * 58, 85),
    message("CM_ATTEN_CHAR.IND", 0x606E, "0000" + CAR + RUN_ID + "00" * 34 + "0a3a" + "0f" * 58, 129),
    message("CM_ATTEN_CHAR.RSP", 0x606F, "0000" + CAR + RUN_ID, 70),
    message("CM_SLAC_MATCH.REQ", 0x607C, "00003e00" + "00" * 17 + CAR + "00" * 17 + CHARGER + RUN_ID, 85),
    message("CM_SLAC_MATCH.CNF", 0x607D, "00005600" + "00" * 17 + CAR + "00" * 17 + CHARGER + RUN_ID + "00" * 8 + NID + "00" + NMK, 109),
    message("CM_VALIDATE.REQ", 0x6078, "000001"),
    message("CM_VALIDATE.CNF", 0x6079, "000004"),
    message("CM_AMP_MAP.REQ", 0x601C, "9503" + "77" * 459, 480),
    message("CM_AMP_MAP.CNF", 0x601D, "00"),
    message("CM_SET_KEY.REQ", 0x6008, "01" + "00" * 8 + "0400000000" + NID + "01" + NMK),
    message("CM_SET_KEY.CNF", 0x6009, "01" + "00" * 8 + "040000ff00"),
    message("CM_GET_KEY.REQ", 0x600C, "0001" + NID + "00" * 4 + "04000000"),
    message("CM_GET_KEY.CNF", 0x600D, "0001" + "00" * 8 + NID + "0104000000" + NMK),
    message("CM_NW_INFO.CNF", 0x6039, "01" + NID + "000102" + MODEM),
    message("VS_SW_VER.CNF", 0xA001, "002224" + b"MAC-QCA7005-1.1.0.730-04-20140815-CS".hex(), 297, 0),
    message("VS_RD_MOD.CNF", 0xA025, "00000000020002" + "00f400000000000000" + "0200", 60, 0),
    message("VS_HST_ACTION.IND", 0xA062, "090000", 60, 0),
    message("VS_PL_LINK_STATUS.CNF", 0xA0B9, "0001", 60, 0),
    message("VS_ATTEN.IND", 0xA14E, CAR + "3a" + "00" * 9 + "0f" * 58, 94, 0),
]
MATCHES = {"charger": "the charger's machine, from modem up and plug to link", "car": "the car's machine, from 5 % to link"}


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def collected(program, words, count):
    with tempfile.NamedTemporaryFile() as out:
        done = run("valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", program, *words, str(count))
    if done.returncode != 0:
        sys.exit(f"bench-slac: {' '.join(words)}: it failed")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def instructions_of(program, words):
    more, fewer = (collected(program, words, count) for count in (REPETITIONS, FEWER))
    return round((more - fewer) / (REPETITIONS - FEWER))


def wanted():
    """{what: words for the program}"""
    found = {f"{name} {way}": (way, text) for name, text in MESSAGES for way in ("decode", "encode")}
    found.update({f"frame {length} {way}": (way, str(length)) for length in FRAMES for way in ("in", "out")})
    found.update({f"match {side}": (side,) for side in MATCHES})
    return found


def measure(program):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = {what: pool.submit(instructions_of, program, words) for what, words in wanted().items()}
        return {what: future.result() for what, future in waiting.items()}


def times_of(program):
    """(events of charger and car, [(moment, ms after the one before, the norm's least, why)])"""
    lines = [line.split("\t") for line in run(program, "time", "1").stdout.splitlines()]
    return [int(word) for word in lines[0][1:]], [(name, int(took), int(least), why) for name, took, least, why in lines[1:]]


def compiler_name(program):
    text = run("readelf", "-p", ".comment", program).stdout
    gcc, clang = re.search(r"GCC: \(.*?\) (\d+)", text), re.search(r"clang version (\d+)", text)
    return f"clang-{clang.group(1)}" if clang else f"gcc-{gcc.group(1)}" if gcc else "unknown"


def beyond(steps, counts, baseline):
    """Lines for each wait that is not the norm's least, and for whatever grew by more than REGRESSION."""
    found = [f"{name}: after {took} ms; the norm's least is {least} ms" for name, took, least, _ in steps if took != least]
    for what, count in counts.items():
        before = baseline.get(what)
        if before and count > before * REGRESSION:
            found.append(f"{what}: {count} instructions, {before} before")
    return found


def sums(steps):
    """Of the car's link and of the charger's, the last row."""
    for side, rows in (("car", steps[:-1]), ("charger", steps)):
        yield side, sum(row[1] for row in rows), sum(row[2] for row in rows)


def document(events, steps, counts, compiler):
    text = f"""# What SLAC and the modem driver cost

Written by `bench/slac/measure.py`; do not edit. Instructions: x86-64, {compiler} -O2, callgrind, difference of {REPETITIONS} and {FEWER}
repetitions. SHA-256 of the network id, the bus and the chip are not counted: they are the board's.

## From plug to link

Virtual time; quiet line, modems and line without delay, the charger's key set before the plug; a link is seen by the car's first
IPv6 frame (else by a look at the modem each 100 ms). Times of the norm: ISO 15118-3, also used by DIN 70121.

| from B on | after the one before | the norm's least | which is |
|---|---|---|---|
"""
    for name, took, least, why in steps:
        text += f"| {name} | {took} ms | {least} ms | {why} |\n"
    text += "\n| from B to | time | the norm's least |\n|---|---|---|\n"
    for side, took, least in sums(steps):
        text += f"| link of the {side} | **{took} ms** | {least} ms |\n"
    text += """
## Instructions per match

| what | events | instructions |
|---|---|---|
"""
    for (side, meaning), number in zip(MATCHES.items(), events):
        text += f"| {meaning} | {number} | {counts['match ' + side]:,} |\n"
    text += "\n## Instructions per message\n\n| message | octets | decode | encode |\n|---|---|---|---|\n"
    for name, octets in MESSAGES:
        text += f"| {name} | {len(octets) // 2} | {counts[name + ' decode']:,} | {counts[name + ' encode']:,} |\n"
    text += "\n## Instructions per frame through the driver\n\nInterrupt to interrupt, supervision left out, copies of the stand-in bus included."
    text += "\n\n| octets | in | out |\n|---|---|---|\n"
    for length in FRAMES:
        text += f"| {length} | {counts[f'frame {length} in']:,} | {counts[f'frame {length} out']:,} |\n"
    return text


def load(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--baseline", action="store_true")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("bench-slac: needs valgrind")
        return 77
    (events, steps), counts = times_of(options.program), measure(options.program)
    compiler = compiler_name(options.program)
    path = os.path.join(HERE, "baseline", f"{compiler}.json")
    if options.baseline:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(counts, file, indent=1, sort_keys=True)
            file.write("\n")
    if not options.check:
        text = document(events, steps, counts, compiler)
        with open(os.path.join(ROOT, "docs", "SLAC-COST.md"), "w", encoding="utf-8") as file:
            file.write(text)
        print(text)
    baseline = load(path)
    bad = beyond(steps, counts, baseline)
    for line in bad:
        print("bench-slac: " + line)
    print(f"bench-slac: {len(counts)} figures, {len(bad)} beyond the baseline of {compiler} or the norm")
    if bad or baseline:
        return 1 if bad else 0
    print(f"bench-slac: NO BASELINE for {compiler}: the norm's time holds, nothing tells whether it grew; --baseline makes one")
    return 77


if __name__ == "__main__":
    sys.exit(main())
