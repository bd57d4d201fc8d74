"""The script of keys, on a clock that the test turns: whatever the order of keys, it ends.
SPDX-License-Identifier: Apache-2.0
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from demo_keys import CHARGE_S, Script  # noqa: E402

TURN_S = 0.1
SETUP_S = 5.0   # from plug to current
FULL_S = 40.0   # a charge that nobody stops
ENDING_S = 1.0  # from a stop to the record


class Demo:
    """A demo as a script sees it: charges that begin with p, end by s, e, u, i or by themselves."""

    def __init__(self, text, current=True):
        self.now_s = 0.0
        self.script = Script(text, lambda: self.now_s)
        self.current = current
        self.charges, self.pressed = [], []
        self.plug()

    def plug(self):
        self.active, self.current_s = True, None
        self.flows_s = self.now_s + SETUP_S
        self.ends_s = self.flows_s + (FULL_S if self.current else 0)

    def flowing_s(self):
        return None if self.current_s is None else self.now_s - self.current_s

    def press(self, key):
        self.pressed.append((key, round(self.now_s, 1)))
        if key == "p":
            self.plug()
        elif key in "seui" and self.active:
            self.ends_s = min(self.ends_s, self.now_s + ENDING_S)

    def world(self):
        if self.active and self.current and self.current_s is None and self.now_s >= self.flows_s:
            self.current_s = self.now_s
        if self.active and self.now_s >= self.ends_s:
            self.active = False
            self.charges.append(self.now_s)

    def run(self):
        """The keys that were pressed, with their times; fails where the script does not end by itself."""
        while self.now_s < 10 * CHARGE_S:
            self.now_s += TURN_S
            self.world()
            for key in self.script.pressed([], self):
                if key == "q":
                    return self.pressed
                self.press(key)
        raise AssertionError(f"it hangs: {self.pressed}")


def keys(demo):
    return "".join(key for key, _ in demo.run())


class Keys(unittest.TestCase):
    def quits(self, text, pressed, by_s, charges=1):
        demo = Demo(text)
        self.assertEqual(keys(demo), pressed, text)
        self.assertFalse(demo.script.late, text)
        self.assertEqual(len(demo.charges), charges, text)
        self.assertLess(demo.now_s, by_s, text)

    def test_q_after_the_end_of_a_charge_quits(self):
        self.quits("2s q", "s", SETUP_S + 5)
        self.quits("2s 10q", "s", SETUP_S + 11)

    def test_a_key_twice(self):
        self.quits("1u 2u", "uu", SETUP_S + 3)
        self.quits("1u u", "uu", SETUP_S + 4)
        self.quits("1s s s", "sss", SETUP_S + 6)

    def test_a_key_after_the_end_is_pressed_in_its_time(self):
        self.quits("1s 8s", "ss", SETUP_S + 9)
        self.quits("1u 3l", "ul", SETUP_S + 4)

    def test_q_in_the_middle_of_a_charge(self):
        self.quits("0q", "", SETUP_S + 1, charges=0)
        self.quits("q", "", SETUP_S + 3, charges=0)

    def test_p_waits_for_the_end_and_the_next_keys_count_from_the_next_current(self):
        demo = Demo("1s p 3s")
        pressed = demo.run()
        self.assertEqual([key for key, _ in pressed], ["s", "p", "s"])
        self.assertGreater(pressed[2][1], pressed[1][1] + SETUP_S + 3 - 2 * TURN_S)

    def test_p_alone_lets_the_charge_run_to_its_end(self):
        self.quits("p", "p", 2 * (SETUP_S + FULL_S) + 1, charges=2)
        self.quits("p p", "pp", 3 * (SETUP_S + FULL_S) + 1, charges=3)

    def test_no_keys_at_all(self):
        self.quits("", "", SETUP_S + FULL_S + 1)

    def test_a_charge_without_current_hangs_nobody(self):
        for text in ("2s", "2s q", "q", "3l 5s p 2e", "u u"):
            demo = Demo(text, current=False)
            keys(demo)
            self.assertFalse(demo.script.late, text)

    def test_a_charge_that_never_ends_is_given_up(self):
        demo = Demo("1l")
        demo.ends_s = float("inf")
        keys(demo)
        self.assertTrue(demo.script.late)
        self.assertLess(demo.now_s, CHARGE_S + 1)

    def test_what_is_no_key_is_told_as_it_stands(self):
        for text, word in (("3x", "'3x'"), ("2s stop", "'stop'"), ("s3", "'s3'"), ("-1s", "'-1s'"), ("1.5.s", "'1.5.s'"), ("1e3s", "'1e3s'"),
                           ("2", "'2'"), ("2 s", "'2'"), ("\u00e9", "'\u00e9'")):
            with self.assertRaisesRegex(ValueError, word):
                Script(text)

    def test_what_could_never_happen_is_refused(self):
        for text, why in (("2s q 3s", "nothing can follow q"), ("1q q", "nothing can follow q"), ("5p", "takes no seconds"),
                          (f"{CHARGE_S}s", "lasts")):
            with self.assertRaisesRegex(ValueError, why):
                Script(text)

    def test_capitals_and_commas(self):
        self.assertEqual(keys(Demo("1S, p ,2S")), "sps")


if __name__ == "__main__":
    unittest.main()
