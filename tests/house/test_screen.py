"""script/demo in a terminal of 24 rows and 80 columns: what each key does, what the screen shows, how it ends.

    test_screen.py BIN
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import sys
import tempfile
import unittest

from terminal import Terminal

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BIN = os.path.abspath(sys.argv[1])
ROWS, COLUMNS = 24, 80
CHARGE = re.compile(r"^  (\d+)\. (\w+)\s+([\d.]+) s\s+(\d+) Wh", re.M)
KEYS = (("s", "stop", "STOPPED_USER"), ("i", "insulation falls", "ISOLATION"), ("e", "emergency stop", "EMERGENCY"),
        ("u", "the connector is pulled", "UNPLUGGED"))
FLOWING = r"\n +([5-9]\d|1\d\d)\.\d A "
SOME_ENERGY = r" [1-9]\d* Wh "


class Screen(unittest.TestCase):
    """One demo, five charges; each test looks at what was seen on the way."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.terminal = Terminal([os.path.join(ROOT, "script", "demo"), "--folder", cls.folder.name],
                                {**os.environ, "CCS_BIN": BIN, "TERM": "xterm-256color"}, ROWS, COLUMNS)
        cls.seen = {}
        try:
            cls.charges()
            cls.code = cls.terminal.end()
        finally:
            cls.terminal.kill()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def charges(cls):
        terminal, seen = cls.terminal, cls.seen
        seen["charging"] = terminal.wait(FLOWING + r"[^~]*" + SOME_ENERGY)
        terminal.press("l")
        terminal.wait("key l: the site allows 40 A")
        seen["limited"] = terminal.wait(r"\n +40\.0 A ")
        for key, said, end in KEYS:
            terminal.press(key)
            terminal.wait(f"key {key}: {said}")
            seen[key] = terminal.wait(f"last charge: {end}")
            terminal.press("p")
            terminal.wait("key p: a car plugs in")
            terminal.wait(FLOWING)
        terminal.press("q")

    def test_a_charge_shows_step_phase_curves_and_energy(self):
        screen = self.seen["charging"]
        self.assertIn("[charging]", screen)
        self.assertIn("guard LIVE", screen)
        self.assertIn("pilot C", screen)
        self.assertIn("insulation VALID", screen)
        self.assertIn("DIN 70121", screen)
        self.assertEqual(len(re.findall(r"(?m)^ +[\d.]+ [VA] .*[▁▂▃▄▅▆▇█]$", screen)), 2, screen)
        self.assertRegex(screen, r"\d kW +[1-9]\d* Wh +battery █+░+ \d+\.\d %")

    def test_every_screen_fits_the_terminal(self):
        for name, screen in self.seen.items():
            lines = screen.split("\n")
            self.assertLessEqual(len(lines), ROWS, name)
            self.assertLess(max(map(len, lines)), COLUMNS + 1, name + ":\n" + screen)

    def test_the_keys_are_on_every_screen(self):
        for screen in self.seen.values():
            for word in ("s stop", "e emergency", "u unplug", "i insulation", "l limit", "p plug", "q quit"):
                self.assertIn(word, screen)

    def test_each_key_ends_the_charge_its_own_way(self):
        ends = [end for _, end, _, _ in CHARGE.findall(self.terminal.after())]
        self.assertEqual(ends, ["STOPPED_USER", "ISOLATION", "EMERGENCY", "UNPLUGGED", "STOPPED_USER"], self.terminal.after())

    def test_quitting_ends_the_running_charge_in_order(self):
        self.assertEqual(self.code, 0, self.terminal.after())

    def test_the_terminal_is_given_back(self):
        self.assertTrue(self.terminal.text.rindex("\033[?1049l") > self.terminal.text.rindex("\033[H"))
        self.assertIn("\033[?25h", self.terminal.text)

    def test_the_summary_names_the_captures_and_how_to_open_them(self):
        told = self.terminal.after()
        self.assertEqual(len(re.findall(r"(?m)^  \S+\.pcapng$", told)), 5, told)
        self.assertRegex(told, r"ccs-dump pcap \S+\.pcapng")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
