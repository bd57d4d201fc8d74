"""script/demo, as a machine without namespaces runs it: one process, simulated link, keys from a script.

    test_demo.py BIN [--in-process]
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
MODE = ["--in-process"] if "--in-process" in sys.argv else []
BIN = os.path.abspath(sys.argv[1])
CHARGE = re.compile(r"^  (\d+)\. (\w+)\s+([\d.]+) s\s+(\d+) Wh", re.M)


def demo(keys):
    """(exit code, output, captures) of one run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([os.path.join(ROOT, "script", "demo"), *MODE, "--script", keys, "--folder", folder], text=True,
                              capture_output=True, env={**os.environ, "CCS_BIN": BIN}, timeout=300)
        sizes = [os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names
                 if name.endswith(".pcapng")]
        return done.returncode, done.stdout + done.stderr, sizes


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.code, cls.text, cls.sizes = demo("3l 5s p 2e p 2i p 2u")

    def ends(self):
        return [end for _, end, _, _ in CHARGE.findall(self.text)]

    def test_four_charges_follow_each_other_in_the_same_process(self):
        self.assertEqual(self.code, 0, self.text)
        self.assertEqual(self.ends(), ["STOPPED_USER", "EMERGENCY", "ISOLATION", "UNPLUGGED"], self.text)

    def test_energy_flows_and_is_counted(self):
        self.assertTrue(all(int(energy) > 0 for *_, energy in CHARGE.findall(self.text)), self.text)

    def test_a_limit_is_obeyed(self):
        after = self.text[self.text.index("key l"):self.text.index("key s")]
        amps = [float(value) for value in re.findall(r"V +([\d.]+) A", after)]
        self.assertTrue(amps and amps[-1] <= 40.5, self.text)

    def test_each_charge_leaves_a_capture(self):
        self.assertEqual(len(self.sizes), 4, self.text)
        self.assertTrue(min(self.sizes) > 1000, self.sizes)

    def test_the_summary_says_how_to_open_the_capture(self):
        self.assertIn("ccs-dump pcap", self.text)


class Orders(unittest.TestCase):
    """Keys out of order: twice, and behind the end of their charge."""

    def test_the_script_ends_and_tells_what_each_key_did(self):
        code, text, _ = demo("1u u p 1s 3s q")
        self.assertEqual(code, 0, text)
        self.assertEqual([end for _, end, _, _ in CHARGE.findall(text)], ["UNPLUGGED", "STOPPED_USER"], text)
        self.assertIn("the connector is out", text)
        self.assertIn("no charge is there to be stopped", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
