"""Every HomePlug message that src/mme knows, through ccs-dump pcap: each field by its name, for people and as JSON.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

from captures import ETHERNET, pcap
from program import PROGRAM, ROOT

FILL = 5  # every octet of every field: also a number of groups that a profile may have
CAR, CHARGER = bytes.fromhex("020000000007"), bytes.fromhex("020000000001")


def read(name):
    with open(os.path.join(ROOT, "src", "mme", name), encoding="utf-8") as file:
        return file.read()


def messages():
    """{type: (name, fields)}"""
    types = {name: int(number, 16) for name, number in re.findall(r"(MME_\w+) = (0x[0-9A-F]{4})\b", read("mme.h"))}
    rows = re.findall(r'\{(MME_\w+),\s+"([\w.]+)",\s+"([\w ]*)"\}', read("names.c"))
    return {types[symbol]: (name, fields.split()) for symbol, name, fields in rows}


def frame(kind, payload=None):
    payload = bytes([FILL]) * 300 if payload is None else payload
    return CHARGER + CAR + b"\x88\xe1\x01" + struct.pack("<H", kind) + b"\0\0" + payload


class Messages(unittest.TestCase):
    def dump(self, frames, *options):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(pcap(ETHERNET, frames))
            file.flush()
            done = subprocess.run([PROGRAM, "pcap", *options, file.name], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def test_every_message_and_every_field(self):
        known = messages()
        self.assertGreaterEqual(len(known), 40)
        frames = [frame(kind) for kind in known]
        entries = [json.loads(line) for line in self.dump(frames, "--json").splitlines()]
        texts = self.dump(frames).split("\n\n")
        self.assertEqual((len(entries), len(texts)), (len(known), len(known)))
        for (name, fields), entry, text in zip(known.values(), entries, texts):
            self.assertEqual((entry["kind"], entry["message"]), ("mme", name))
            self.assertNotIn("error", entry, name)
            self.assertIn("HomePlug " + name, text.splitlines()[0])
            self.assertEqual([key for key in entry if key in fields], fields, name)
            for field in fields:
                value = entry[field]
                self.assertIn(f"{field}: {value}", text, name)
                octets = value.to_bytes((value.bit_length() + 7) // 8, "big") if isinstance(value, int) else bytes.fromhex(value)
                self.assertEqual(set(octets), {FILL}, (name, field))

    def test_those_of_the_match_are_among_them(self):
        names = {name for name, _ in messages().values()}
        for name in (
            "CM_AMP_MAP.REQ", "CM_AMP_MAP.CNF", "CM_VALIDATE.REQ", "CM_VALIDATE.CNF", "CM_SET_KEY.REQ",
            "CM_SET_KEY.CNF", "CM_ATTEN_PROFILE.IND", "CM_SLAC_PARM.REQ", "CM_SLAC_MATCH.CNF", "CM_MNBC_SOUND.IND",
            "CM_ATTEN_CHAR.IND", "VS_SW_VER.CNF", "VS_ATTEN.IND",
        ):
            self.assertIn(name, names)

    def test_what_is_too_short_and_what_nobody_knows(self):
        frames = [frame(0x6064, b"\0\0"), frame(0x6FFC), CHARGER + CAR + b"\x88\xe1\x01"]
        entries = [json.loads(line) for line in self.dump(frames, "--json").splitlines()]
        self.assertEqual([entry["message"] for entry in entries[:2]], ["CM_SLAC_PARM.REQ", "MME 6FFC"])
        self.assertEqual(["error" in entry for entry in entries], [True, False, True])
        self.assertEqual(entries[1]["octets"][-4:], "0505")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
