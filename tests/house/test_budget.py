"""The budget table: what is far above it is told, what was measured is written, what is no more is forgotten.
SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import house  # noqa: E402
import test_all  # noqa: E402


def told(tally, act):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        act(tally)
    return out.getvalue()


class Budget(unittest.TestCase):
    def test_the_committed_table_has_a_total_and_seconds_for_suites(self):
        budget = house.read_budget()
        self.assertLessEqual(budget["total"], 900)
        self.assertGreater(len(budget), 50)
        self.assertTrue(all(seconds >= 1 for seconds in budget.values()))

    def test_a_line_per_suite_and_a_word_about_the_late(self):
        tally = house.Tally({"quick": 1, "slow": 10})
        self.assertNotIn("LATE", told(tally, lambda tally: tally.add("release", "slow", house.PASSED, 24)))
        self.assertIn("LATE", told(tally, lambda tally: tally.add("release", "quick", house.PASSED, 7.5)))
        self.assertIn("WARNING: far above their budget: release quick", told(tally, house.Tally.summary))

    def test_a_suite_without_a_budget_is_named(self):
        tally = house.Tally({})
        told(tally, lambda tally: tally.add("release", "new", house.PASSED, 1))
        self.assertIn("no budget for: new", told(tally, house.Tally.summary))

    def test_written_from_what_was_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "budget.tsv")
            with open(path, "w", encoding="utf-8") as file:
                file.write("# said of it\ntotal\t900\ngone\t3\nslow\t9\n")
            tally = house.Tally(house.read_budget(path))
            told(tally, lambda tally: [tally.add("release", "slow", house.PASSED, 4.2),
                                       tally.add("asan", "slow", house.PASSED, 11.3),
                                       tally.add("release", "broken", house.FAILED, 2)])
            with mock.patch.object(house, "BUDGET", path):
                test_all.write_budget(tally, whole=False)
                self.assertEqual(house.read_budget(path), {"total": 900, "gone": 3, "slow": 12})
                test_all.write_budget(tally, whole=True)
            self.assertEqual(house.read_budget(path), {"total": 900, "slow": 12})


if __name__ == "__main__":
    unittest.main()
