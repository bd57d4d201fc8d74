#!/usr/bin/env python3
"""What the compiler made of src/: no writable data, and no call but to src/ itself and a handful of pure C library functions.

    tools/check_objects.py BUILD          BUILD: a configured and built folder, "build/release"

The text is judged by tools/check_floors.py; this sees what macros and compilers hide: a table that is not const, a hidden static,
an allocation, a floating point helper, a clock. Ends with 1 if there is a violation, 77 (skipped) where BUILD holds no archive of
src/.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import subprocess
import sys

# Pure functions that a compiler also calls by itself (clang: bcmp() for a memcmp() whose sign nobody asks for), and abort(), the
# default reaction to a fault of our own.
ALLOWED = set("memcpy memmove memset memcmp bcmp memchr strchr strlen strcmp strncmp strnlen abort".split())
# Of the compiler: position independence, stack protector, 64-bit division on 32-bit machines.
COMPILER = re.compile(r"^(_GLOBAL_OFFSET_TABLE_|__stack_chk_fail(_local)?|__x86\.get_pc_thunk\.\w+|__u?(div|mod|divmod)di[34])$")
WRITABLE = re.compile(r"^(\.data(?!\.rel\.ro)|\.bss|\.tdata|\.tbss|\*COM\*)")
SYMBOL = re.compile(r"^[0-9a-f]+ (?P<flags>.{7}) (?P<section>\S+)\s+[0-9a-f]+\s+(?:\.hidden )?(?P<name>\S+)$")


def symbols(archive):
    """(object, flags, section, name) of every symbol."""
    text = subprocess.run(["objdump", "-t", archive], capture_output=True, text=True, check=True).stdout
    member = ""
    for line in text.splitlines():
        if ": " in line and "file format" in line:
            member = line.split(":")[0]
        match = SYMBOL.match(line)
        if match:
            yield member, match["flags"], match["section"], match["name"]


def check(archives):
    """Violations as lines."""
    every = {archive: list(symbols(archive)) for archive in archives}
    ours = {name for found in every.values() for _, flags, section, name in found if section != "*UND*" and "g" in flags}
    for archive, found in every.items():
        room = os.path.basename(os.path.dirname(archive))
        for member, flags, section, name in found:
            if WRITABLE.match(section) and "O" in flags:
                yield f"src/{room}: {member}: `{name}` is writable ({section}): no variables but const tables"
            if section == "*UND*" and name not in ours | ALLOWED and not COMPILER.match(name):
                yield f"src/{room}: {member}: calls {name}(), which is neither of src/ nor pure"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    archives = sorted(glob.glob(os.path.join(sys.argv[1], "src", "*", "*.a")))
    if not archives:
        print(f"skipped: no archive of src/ in {sys.argv[1]}")
        return 77
    lines = list(check(archives))
    for line in lines:
        print(line)
    print(f"objects: {len(archives)} rooms, {len(lines)} violations", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
