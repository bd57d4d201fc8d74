#!/usr/bin/env python3
"""What a charger costs on a small target: flash by room, memory of an outlet, stack, instructions.

The images of images/ are built with -Os (script/images) and read: `role` is the charger's role alone, without trace and the car (CCS_TRACE, CCS_CAR),
`measure` runs a whole charge inside QEMU with -icount, where the board's clock counts instructions, `charger` is the whole program, `tls_IN_OUT` the
TLS port with record buffers of that size.
Counts are the same on every machine for the same compilers.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASELINE = os.path.join(ROOT, "bench", "baseline", "images.json")
DOCUMENT = os.path.join(ROOT, "docs", "SIZES.md")
MARK = "<!-- script/sizes -->"
REGRESSION = 1.05
SKIPPED = 77

TARGETS = {
    "cortex-m3": ("Cortex-M3", "arm-none-eabi-", "qemu-system-arm -M mps2-an385 -cpu cortex-m3 -semihosting-config enable=on,target=native"),
    "lx106": ("Xtensa lx106", "xtensa-lx106-elf-", "qemu-system-xtensa -M lx60-nommu -cpu lx106 -m 8M -semihosting"),
}
JUDGED = "cortex-m3"  # the target that the goals speak of
GOALS = {"flash": 64 * 1024, "state": 14 * 1024, "turn": 100_000, "tls_text": 100_000}
GATED = ("state", "turn", "tls_text")  # the flash goal is for all three protocols; their sessions are not all there yet

TLS_BUFFERS = {"8192_8192": 44_000, "16384_6144": 52_000}  # record buffers in and out; goal of the memory of a handshake
TLS_GOALS = {"13_cached": 270_000_000, "13": 409_000_000}
TLS_PROGRAM = "whole program"  # Mbed TLS, ports/tls, src/tls and src/pki are linked as one, with -flto

# Whose memory an object's is. Everything that stands in for hardware is counted apart.
BENCH = {"sim", "chip", "line"}
LIBRARIES = {"lwip", "mbed_sha256", "c_nano", "c", "gcc"}
PORTS = {"ccs_lwip": "ports/lwip", "ccs_mailbox": "ports/common", "ccs_bare": "ports/bare"}

SECTION = re.compile(r"^ (\.(?:text|literal|rodata|data|bss|vectors)\S*|COMMON)\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S+)", re.M)


class Missing(Exception):
    pass


def run(*argv, **options):
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT, **options)
    return done.returncode, done.stdout + done.stderr


# ---- what is in an image


def owner_of(path):
    """The room, library or part that an object file belongs to."""
    archive = re.search(r"lib(\w+)\.a\(", path)
    if archive:
        name = archive.group(1)
        if name in PORTS:
            return PORTS[name]
        if name in LIBRARIES:
            return "C library and compiler" if name in ("c", "c_nano", "gcc") else name
        return name.removeprefix("ccs_")
    if "ccs_bare.dir" in path:
        return "ports/bare"
    if "outlet.c" in path:
        return "ports/common"
    return "whole program" if ".ltrans" in path else "image"


def parts_of(build, image):
    """{owner: Counter of code, constants, data}; data is what lies in RAM."""
    with open(os.path.join(build, "bin", f"{image}.map"), encoding="utf-8") as file:
        text = file.read()
    found = collections.defaultdict(collections.Counter)
    for section, size, path in SECTION.findall(text[text.index("Linker script and memory map"):]):
        kind = "data" if section.startswith((".data", ".bss", "COMMON")) else "constants" if section.startswith(".rodata") else "code"
        found[owner_of(path)][kind] += int(size, 16)
    return found


def linked(tool, build, image):
    """Octets of flash of an image as linked; without the board and the list of entries, which are not of src/."""
    _, text = run(tool + "size", "-A", os.path.join(build, "bin", f"{image}.elf"))
    parts = parts_of(build, image)
    apart = flash({owner: parts[owner] for owner in ("ports/bare", "image")})
    return sum(int(size) for size in re.findall(r"^\.(?:text|rodata|data)\s+(\d+)", text, re.M)) - apart


def objects_of(tool, build, image):
    """{symbol: size} of what lies in RAM."""
    _, text = run(tool + "nm", "-S", os.path.join(build, "bin", f"{image}.elf"))
    return {words[3]: int(words[1], 16) for words in map(str.split, text.splitlines()) if len(words) == 4 and words[2] in "BbDd"}


def check_role(tool, build):
    """What a charger leaves out is not in its role, and nothing of it asks for a heap."""
    _, text = run(tool + "nm", os.path.join(build, "bin", "role.elf"))
    heap = {line.split()[-1] for line in text.splitlines()} & {"malloc", "_malloc_r", "calloc", "free", "_free_r", "_sbrk", "_sbrk_r"}
    rooms = parts_of(build, "role").keys() & {"ev", "vehicle", "names"}
    return [f"the charger's role holds {name}" for name in sorted(heap | rooms)]


# ---- what it does


def measure(target, build):
    """{machine: {steps, instructions_max, instructions_mean, stack_max}}"""
    qemu = TARGETS[target][2].split()
    image = os.path.join(build, "bin", "measure.elf")
    code, text = run(*qemu, "-kernel", image, "-nographic", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-icount", "shift=0",
                     stdin=subprocess.DEVNULL, timeout=100)
    if code != 0 or "measure charge COMPLETED" not in text:
        sys.exit(f"sizes: {target}: the charge in the image did not complete\n{text}")
    found = {}
    for line in re.findall(r"^measure (\w+) (steps .*)$", text, re.M):
        words = line[1].split()
        found[line[0]] = {name: int(value) for name, value in zip(words[::2], words[1::2])}
    return found


def flash(parts):
    return sum(part["code"] + part["constants"] for part in parts.values())


def figures_of(target):
    """Everything of one target; plain data."""
    build, silent = (os.path.join(ROOT, "build", "images", name) for name in (target, target + "-silent"))
    tool = TARGETS[target][1]
    objects = objects_of(tool, silent, "role")
    return {
        "role": {owner: dict(part) for owner, part in parts_of(silent, "role").items() if owner not in ("image", "ports/bare")},
        "role_lto": linked(tool, silent, "role_lto"),
        "role_with_trace": flash({owner: part for owner, part in parts_of(build, "role").items() if owner not in ("image", "ports/bare")}),
        "outlet": {name.removeprefix("outlet_"): size for name, size in objects.items() if name.startswith("outlet_")},
        "charger": {owner: dict(part) for owner, part in parts_of(build, "charger").items()},
        "machines": measure(target, build),
        "tls_text": tls_octets(target, ["code", "constants"]),
        "tls_variables": tls_octets(target, ["data"]),
        "wrong": check_role(tool, silent),
    }


def judged(figures):
    """The figures that goals and baseline speak of."""
    parts = {owner: collections.Counter(part) for owner, part in figures["role"].items()}
    machines = figures["machines"]
    return {
        "flash": figures["role_lto"],
        "flash_by_room": flash(parts),
        "state": figures["outlet"]["guard"] + figures["outlet"]["secc"],
        "modem": figures["outlet"]["modem_driver"] + figures["outlet"]["modem_startup"],
        "turn": machines["current_demand"]["instructions_max"],
        "guard_step": machines["guard"]["instructions_max"],
        "secc_stack": machines["secc"]["stack_max"],
        "guard_stack": machines["guard"]["stack_max"],
        "tls_text": figures["tls_text"],
        "tls_variables": figures["tls_variables"],
    }


# ---- comparison


def compilers():
    """arm-none-eabi-gcc 12.2.1, ...: baselines are kept per compiler."""
    return {target: run(tool + "gcc", "-dumpfullversion")[1].strip() for target, (_, tool, _) in TARGETS.items()}


def beyond(figures, baseline):
    """Lines for what is beyond a goal or grew by more than REGRESSION."""
    found = []
    for target, all_of in figures.items():
        found += [f"{target}: {line}" for line in all_of["wrong"]]
        now, before = judged(all_of), baseline.get(f"{target} {compilers()[target]}")
        if before is None:
            print(f"sizes: no baseline for {target} with this compiler: only the goals are judged")
        for name, value in now.items():
            if target == JUDGED and name in GATED and value > GOALS[name]:
                found.append(f"{target} {name}: {value} is more than {GOALS[name]}")
            if before and value > before[name] * REGRESSION:
                found.append(f"{target} {name}: {value}, {before[name]} before; if it is worth it: script/sizes --baseline")
    return found


# ---- docs/SIZES.md


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def role_table(figures):
    def of(target, owner):
        part = figures[target]["role"].get(owner, {})
        return [part.get("code", 0), part.get("constants", 0)]
    owners = sorted(set().union(*(figures[target]["role"] for target in figures)), key=lambda name: -sum(of(JUDGED, name)))
    rows = [[owner] + [value for target in figures for value in of(target, owner)] for owner in owners]
    total = ["**together**"] + [sum(row[column] for row in rows) for column in range(1, len(rows[0]))]
    head = ["room"] + [f"{TARGETS[target][0]} {kind}" for target in figures for kind in ("code", "constants")]
    return table(head, rows + [total])


def outlet_table(figures):
    def size(target, *names):
        return sum(figures[target]["outlet"][name] for name in names)
    lines = [
        ("guard", ("guard",)),
        ("SECC, with SLAC", ("secc",)),
        ("**state of an outlet**", ("guard", "secc")),
        ("modem driver and start-up", ("modem_driver", "modem_startup")),
        ("modem's buffers", ("modem_rx", "modem_frame", "modem_tx")),
        ("buffers of messages, the least", ("buffer_rx", "buffer_tx", "buffer_arena")),
    ]
    rows = [[text] + [size(target, *names) for target in figures] for text, names in lines]
    stack = ["lwIP, with its heap"] + [figures[target]["charger"]["lwip"].get("data", 0) for target in figures]
    return table(["octets of"] + [TARGETS[target][0] for target in figures], rows + [stack])


def machine_table(figures):
    rows = []
    for name, text in (("guard", "guard: `ccs_guard_step()`"), ("secc", "SECC and all below: `ccs_secc_step()`"),
                       ("current_demand", "... CurrentDemand turn"), ("slac", "SLAC: `slac_evse_step()`"),
                       ("exi", "EXI: a message in or out"), ("mme", "MME: `mme_decode()`")):
        row = [text]
        for target in figures:
            cost = figures[target]["machines"][name]
            row += [cost["instructions_mean"], cost["instructions_max"], cost["stack_max"] or ""]
        rows.append(row)
    head = ["step"] + [f"{TARGETS[target][0]} {what}" for target in figures for what in ("mean", "most", "stack")]
    return table(head, rows)


def charger_table(figures):
    def group(owner):
        if owner in BENCH:
            return "plant, power line and chip model: they stand in for hardware"
        if owner in ("ev", "vehicle"):
            return "car's side, linked by nobody's wish"
        if owner.startswith("ports/") or owner in LIBRARIES or owner == "C library and compiler":
            return {"lwip": "lwIP", "mbed_sha256": "SHA-256 of Mbed TLS"}.get(owner, owner)
        return "src/ of the charger" if owner != "image" else "the image's own, bench and buffers included"
    rows = {}
    for place, target in enumerate(figures):
        for owner, part in figures[target]["charger"].items():
            row = rows.setdefault(group(owner), [0] * 2 * len(figures))
            row[2 * place] += part.get("code", 0) + part.get("constants", 0)
            row[2 * place + 1] += part.get("data", 0)
    head = ["part"] + [f"{TARGETS[target][0]} {what}" for target in figures for what in ("flash", "RAM")]
    return table(head, [[name, *row] for name, row in sorted(rows.items(), key=lambda item: -item[1][0]) if any(row)])


def live():
    """{target: (stack, heap)} at most, of the images while ccs-ev charges from them; empty where that cannot be."""
    programs = os.path.join(os.environ.get("CCS_BUILD", os.path.join(ROOT, "build", "release")), "bin")
    code, text = run("tests/images/charge.py", programs, timeout=200)
    if code != 0:
        why = [line for line in text.splitlines() if "Error" in line or line.startswith("skipped")] or ["it failed"]
        print(f"sizes: no charge from outside: {why[0]}")
    return {target: (int(stack), int(heap)) for target, stack, heap in re.findall(r"^(\S+): session .* stack (\d+) heap (\d+)", text, re.M)}


def live_table(figures):
    found = live()
    rows = [[text] + ["not measured" if target not in found else found[target][place] for target in figures]
            for place, text in enumerate(("stack of the program, interrupt included", "lwIP's heap"))]
    return table(["octets at most"] + [TARGETS[target][0] for target in figures], rows)


# ---- TLS


def tls_octets(target, kinds):
    """Octets of the TLS server that an image holds."""
    parts = parts_of(os.path.join(ROOT, "build", "images", target), f"tls_{next(iter(TLS_BUFFERS))}")
    return sum(parts[TLS_PROGRAM][kind] for kind in kinds)


def tls_handshakes():
    """{(target, buffers, handshake): {figure: number}} of the images against openssl s_client; empty where that cannot be."""
    programs = os.path.join(os.environ.get("CCS_BUILD", os.path.join(ROOT, "build", "release")), "bin")
    code, text = run("tests/images_tls/handshakes.py", programs, timeout=240)
    if code != 0:
        print(f"sizes: no TLS handshakes: {text.strip().splitlines()[-1]}")
        return {}
    found = {}
    for target, buffers, name, rest in re.findall(r"^(\S+) (\d+_\d+) (\w+): (.*)$", text, re.M):
        words = rest.split()
        found[target, buffers, name] = {key: int(value) for key, value in zip(words[::2], words[1::2])}
    return found


def against(value, goal):
    return f"{value:,}" + (f": NOT met, {value - goal:,} too many" if value > goal else "")


def tls_memory(found, target, buffers):
    """Arena at most, link and snapshot, stack at most, variables of the library."""
    deepest = found[target, buffers, "13"]
    return [deepest["arena"], found[target, buffers, "start"]["state"], deepest["stack"], tls_octets(target, ["data"])]


def tls_goal_rows(found):
    text = tls_octets(JUDGED, ["code", "constants"])
    rows = [["text of a TLS server: Mbed TLS, `ports/tls`, `src/tls`, `src/pki`", GOALS["tls_text"], against(text, GOALS["tls_text"])]]
    for buffers, goal in TLS_BUFFERS.items():
        memory = tls_memory(found, JUDGED, buffers)
        sizes = "{:,} in, {:,} out".format(*map(int, buffers.split("_")))
        rows += [[f"RAM of a handshake, P-521, buffers {sizes}", goal, against(sum(memory), goal)],
                 ["... Mbed TLS's arena alone", "", memory[0]]]
    for name, text in (("13_cached", "instructions of a mutual handshake, P-521, sub-CAs known"), ("13", "... sub-CAs not known")):
        most = max(found[JUDGED, buffers, name]["instructions"] for buffers in TLS_BUFFERS)
        rows.append([text, TLS_GOALS[name], against(most, TLS_GOALS[name])])
    return rows


def tls_handshake_table(found):
    buffers = next(iter(TLS_BUFFERS))
    texts = {"12": "TLS 1.2, P-256, AES-128-CBC", "13": "TLS 1.3 mutual, P-521, AES-256-GCM", "13_cached": "... the car's sub-CAs known",
             "13_anonymous": "TLS 1.3 without a certificate: refused", "13_provisioning": "... with a provisioning certificate: refused"}
    rows = [[text] + [found[target, buffers, name][figure] for target in TARGETS for figure in ("instructions", "step_max")]
            for name, text in texts.items()]
    return table(["handshake"] + [f"{TARGETS[target][0]} {what}" for target in TARGETS for what in ("instructions", "largest step")], rows)


def tls_memory_table(found):
    columns = [(target, buffers) for target in TARGETS for buffers in TLS_BUFFERS]
    memory = [tls_memory(found, *column) for column in columns]
    texts = ("Mbed TLS's arena at most", "link and snapshot", "stack at most", "Mbed TLS's variables")
    rows = [[text, *row] for text, row in zip(texts, zip(*memory))]
    rows.append(["**together**"] + [sum(column) for column in memory])
    rows.append(["arena between two links: two credentials"] + [found[target, buffers, "start"]["kept"] for target, buffers in columns])
    return table(["octets"] + [f"{TARGETS[target][0]} {buffers.replace('_', '/')}" for target, buffers in columns], rows)


def tls_text_table():
    row = ["Mbed TLS, `ports/tls`, `src/tls`, `src/pki`"] + [tls_octets(target, ["code", "constants"]) for target in TARGETS]
    return table(["octets of flash"] + [TARGETS[target][0] for target in TARGETS], [row])


def tls_chapter():
    found = tls_handshakes()
    head = """## TLS

`images/tls`: lwIP, `ports/tls` on Mbed TLS 3.6 out of a static arena, `src/tls`, `src/pki`, and the guard in the timer interrupt, against
`openssl s_client` over TCP. Chains of three certificates on both sides; a charger with one credential for TLS 1.2 and one for 1.3.
Mbed TLS (`images/tls/mbedtls_config.h`), `ports/tls`, `src/tls` and `src/pki` are linked as one program (`-Os -flto`; Mbed TLS's
`bignum_core.c` with `-O1`).
"""
    if not found:
        return head + "\nNot measured.\n"
    return f"""{head}The arena's figures leave out its 32 octets of header for each block; buffers are those of records, in and out. Instructions: with
8192/8192, ticks of the guard included; a few more or less from run to run, as the car's numbers are.

{table(["goal on Cortex-M3", "limit", "measured"], tls_goal_rows(found))}
{tls_text_table()}
{tls_memory_table(found)}
{tls_handshake_table(found)}"""


def document(figures):
    now = judged(figures[JUDGED])
    versions = ", ".join(f"{TARGETS[target][0]} gcc {version}" for target, version in compilers().items())
    trace = figures[JUDGED]["role_with_trace"]
    missed = f": NOT met, {now['flash'] - GOALS['flash']:,} too many" if now["flash"] > GOALS["flash"] else ""
    return f"""{MARK}
# A charger on small targets

Written by `script/sizes` from the images of `images/`; do not edit below the line above. {versions},
all with `-Os`. Instructions are counted by QEMU (`-icount`) in a whole charge inside the image: SLAC, SDP, DIN 70121, with guard, car
and plant on a virtual clock.

| goal on Cortex-M3 | limit | measured |
|---|---|---|
| flash of the charger's role, three protocols' codecs, when complete | {GOALS['flash']:,} | {now['flash']:,}{missed}; complete: DIN 70121's sessions |
| state of an outlet: guard, SLAC, SECC | {GOALS['state']:,} | {now['state']:,} |
| instructions of a CurrentDemand turn, octets to octets | {GOALS['turn']:,} | {now['turn']:,} |
| heap used by `src/` | none | none |

## Flash of the charger's role

Everything of `src/` that a charger reaches, with SLAC, the modem driver and all three protocols' codecs; without the car's side
(`-DCCS_CAR=OFF`), JSON and element names (not in `src/`'s core, and nobody links them) and trace with its texts (`-DCCS_TRACE=OFF`). The
codecs hold every message of SupportedAppProtocol, DIN 70121, ISO 15118-2 and -20 (common and DC) and its signatures, both directions: the
same rows read and write. Sessions: those of DIN 70121 as yet. The table is of a link room by room: {now['flash_by_room']:,} on Cortex-M3, with
trace {trace:,}; `-DCCS_LTO=ON`, which the goal is measured with, optimises over all rooms: {now['flash']:,}, with what it takes of the C
library, without board and start-up.

{role_table(figures)}
## Memory of an outlet

{outlet_table(figures)}
## Instructions and stack of a step

Stack: octets below the caller, at most, in that charge. No room of `src/` has a heap, or memory of its own: what is not on the stack is
the caller's.

{machine_table(figures)}
## The whole image

`images/charger`: the charger above, lwIP, ports and board, with trace on its console, and what stands in for hardware on the bench.

{charger_table(figures)}
While `ccs-ev` charges from it; the modelled power line and chip run on the same stack:

{live_table(figures)}
{tls_chapter()}"""


def write_document(text):
    """Our part begins at MARK; what stands before it is the codec's."""
    with open(DOCUMENT, encoding="utf-8") as file:
        before = file.read().split(MARK)[0].rstrip("\n")
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(before + "\n\n" + text.rstrip("\n") + "\n")


def build():
    for target, (_, tool, qemu) in TARGETS.items():
        if not shutil.which(qemu.split()[0]):
            raise Missing(f"no {qemu.split()[0]} (script/bootstrap)")
        for name in (target, target + "-silent"):
            code, text = run("script/images", name)
            if code == SKIPPED:
                raise Missing(text.strip().removeprefix("skipped: "))
            if code != 0:
                sys.exit(f"sizes: {text}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--baseline", action="store_true")
    options = parser.parse_args()
    try:
        build()
    except Missing as reason:
        print(f"skipped: sizes: {reason}")
        return SKIPPED
    figures = {target: figures_of(target) for target in TARGETS}
    baseline = {}
    if os.path.exists(BASELINE):
        with open(BASELINE, encoding="utf-8") as file:
            baseline = json.load(file)
    if options.baseline:
        baseline.update({f"{target} {version}": judged(figures[target]) for target, version in compilers().items()})
        with open(BASELINE, "w", encoding="utf-8") as file:
            json.dump(baseline, file, indent=1, sort_keys=True)
            file.write("\n")
    if not options.check:
        write_document(document(figures))
    bad = beyond(figures, baseline)
    for line in bad:
        print("sizes: " + line)
    for target in figures:
        print(f"sizes: {target}: " + ", ".join(f"{name} {value:,}" for name, value in judged(figures[target]).items()))
    print(f"sizes: {len(bad)} beyond goal or baseline")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
