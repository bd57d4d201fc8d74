"""Captures and lines that are broken at random, with a fixed seed: ccs-dump ends, says so, and its JSON stays JSON.

Bounded in time under AddressSanitizer too.
SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
import unittest

from captures import ETHERNET, RAW, SLL, WRAPPED, pcap, pcapng, pcapng_of, session
from program import DEMAND, FRAMES, PROGRAM, run

SECONDS = 12  # of mutation; a slow machine sees fewer of them
LEAST = 20


def flip(chance, octets):
    at = chance.randrange(len(octets))
    octets[at] ^= 1 << chance.randrange(8)


def cut(chance, octets):
    at = chance.randrange(len(octets))
    del octets[at : at + chance.randrange(1, 40)]


def double(chance, octets):
    at = chance.randrange(len(octets))
    octets[at:at] = octets[at : at + chance.randrange(1, 200)]


def insert(chance, octets):
    at = chance.randrange(len(octets))
    octets[at:at] = bytes(chance.choice((0, 0xFF, chance.randrange(256))) for _ in range(chance.randrange(1, 40)))


def mutated(chance, octets, most):
    octets = bytearray(octets)
    for _ in range(chance.randrange(1, most)):
        chance.choice((flip, flip, cut, double, insert))(chance, octets)
        if not octets:
            return b"\0"
    return bytes(octets)


def records(chance):
    """Packets of some sessions, some of them broken, doubled, swapped or lost."""
    packets = session() * 3
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(packets))
        how = chance.randrange(4)
        if how == 0:
            packets[at] = mutated(chance, packets[at], 3)
        elif how == 1:
            packets.insert(chance.randrange(len(packets)), packets[at])
        elif how == 2:
            packets[at], packets[at - 1] = packets[at - 1], packets[at]
        else:
            del packets[at]
    return packets


def capture(chance):
    """Broken packets in a right file, or right packets in a broken one."""
    link, form = chance.choice((ETHERNET, RAW, SLL)), chance.choice((pcap, pcapng))
    if chance.random() < 0.2:
        mixed = pcapng_of([RAW, ETHERNET], [(0, packet) for packet in records(chance)])
        return mixed[:24] + mutated(chance, mixed[24:], 4)
    if chance.random() < 0.7:
        return form(link, [WRAPPED[link](packet) for packet in records(chance)])
    whole = form(link, [WRAPPED[link](packet) for packet in session()])
    return whole[:24] + mutated(chance, whole[24:], 6) if chance.random() < 0.7 else mutated(chance, whole, 6)


def through(arguments, octets):
    done = subprocess.run([PROGRAM, *arguments], input=octets, capture_output=True, timeout=20, check=False)
    return done.returncode, done.stdout, done.stderr


class Mutated(unittest.TestCase):
    def judge(self, seed, code, err):
        self.assertIn(code, (0, 1), (seed, err[-600:]))
        self.assertNotIn(b"Sanitizer", err, seed)
        self.assertNotIn(b"runtime error", err, seed)

    def test_captures(self):
        begun, seed = time.monotonic(), 0
        while seed < LEAST or (time.monotonic() - begun < SECONDS and seed < 400):
            octets = capture(random.Random(seed))
            with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
                file.write(octets)
                file.flush()
                code, out, err = through(["pcap", "--json", file.name], b"")
                self.judge(seed, code, err)
                for line in out.decode("utf-8").splitlines():
                    self.assertIsInstance(json.loads(line), dict, seed)
                if seed % 4 == 0:
                    code, _, err = through(["pcap", file.name], b"")
                    self.judge(seed, code, err)
            seed += 1

    def test_lines_of_roundtrip(self):
        chance = random.Random(1)
        lines = [b"", b"\r", b"\0", b"din \0", b"din", b"din  80", b"80\0" + b"80" * 10, b"din " + b"80" * 500000, b"x" * 1000000]
        lines += [b"din-frag", b"-frag", b"iso2-frag " + b"0x80 " * 1000, b"\xff" * 300, b"din " + DEMAND.encode() + b"\r"]
        for kind, frame in FRAMES.values():
            lines += [kind.encode() + b" " + mutated(chance, frame, 4).hex().encode() for _ in range(12)]
            lines.append(mutated(chance, kind.encode() + b" " + frame.hex().encode(), 4).replace(b"\n", b" "))
        code, out, err = through(["roundtrip"], b"\n".join(lines) + b"\n")
        self.assertEqual((code, err), (0, b""))
        answers = out.split(b"\n")[:-1]
        self.assertEqual(len(answers), len(lines))
        for answer in answers:
            self.assertRegex(answer, rb"^([0-9a-f]+|error \d+ \S+: .+)$")
        self.assertEqual(answers[13], DEMAND.encode())

    def test_odd_input_of_decode(self):
        for octets in (b"", b"\0", b"80\0", b"\r\n", b"80" * 500000, b"0x" * 5000, b"0x", b"\xff" * 100, DEMAND.encode() + b"\r\n"):
            for options in (["-p", "din"], [], ["--fragment"]):
                code, out, err = through(["decode", *options, "-"], octets)
                self.judge(octets[:9], code, err)
                if code == 0 and options:
                    self.assertTrue(json.loads(out))

    def test_a_reader_that_leaves_ends_the_writer(self):
        frame = "din " + DEMAND + "\n"
        with subprocess.Popen([PROGRAM, "roundtrip"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
            program.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                program.stdin.write(frame.encode() * 20000)
                program.stdin.close()
            self.assertNotEqual(program.wait(timeout=20), 0)

    def test_every_message_that_ends_nowhere(self):
        lines = [f"{kind} {frame[:end].hex()}" for kind, frame in FRAMES.values() for end in range(1, min(len(frame), 60))]
        code, out, _ = run("roundtrip", text="\n".join(lines))
        self.assertEqual((code, len(out.splitlines())), (0, len(lines)))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
