#!/usr/bin/env python3
"""Turns schema/*.schema into src/messages: C structs (*.h), the interpreter's rows (rows.c) and names (names.c).

    exigen.py [--check] [SCHEMA_FOLDER OUTPUT_FOLDER]

Folders of this repository if none are given. --check writes nothing and fails where the output is not what would be written.

Reads nothing but our own notation. How rows work is told in src/exi/rows.h, how names work in src/exi/describe.h.
SPDX-License-Identifier: Apache-2.0
"""
import os
import sys

from exinotation import Notation
from existructs import HEADERS, Uses, header
from exitables import Tables, rows_file
from exinames import Names

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def files(schema):
    """{name: text} of everything that is generated, and the tables for a summary."""
    notation = Notation(schema)
    uses = Uses(notation)
    texts = {name + ".h": header(name, [notation.files[f] for f in names], uses) for name, names in HEADERS.items()}
    tables = Tables(uses)
    texts["rows.c"] = rows_file(notation, tables)
    texts["names.c"] = Names(notation, uses, tables).file()
    return texts, tables


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def read(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def generate(schema, output):
    texts, tables = files(schema)
    os.makedirs(output, exist_ok=True)
    for name, text in texts.items():
        write(output, name, text)
    print(f"{len(tables.rows)} rows, {len(tables.slots)} slots, {len(tables.spans)} spans, {len(tables.names)} strings")


def check(schema, output):
    """Says which files are not what would be generated today; 1 if there is one."""
    texts, _ = files(schema)
    stale = [name for name, text in texts.items() if read(output, name) != text]
    for name in stale:
        print(f"{os.path.join(output, name)} is not what tools/exigen.py writes")
    return 1 if stale else 0


def main(arguments):
    checks = arguments[:1] == ["--check"]
    folders = arguments[checks:] or [os.path.join(ROOT, "schema"), os.path.join(ROOT, "src", "messages")]
    if len(folders) != 2:
        sys.exit(__doc__)
    sys.exit(check(*folders) if checks else generate(*folders))


if __name__ == "__main__":
    main(sys.argv[1:])
