"""tools/check_objects.py sees in object files what the text of a program can hide.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "check_objects.py")

CLEAN = "static const char *const names[] = {\"a\"};\nconst char *name(void);\nconst char *name(void) { return names[0]; }\n"
CALLER = "const char *name(void);\nconst char *again(void);\nconst char *again(void) { return name(); }\n"
# (what must be named, text)
PLANTED = [
    ("`counter` is writable", "int counter;\n"),
    ("`counter` is writable", "static int counter = 1;\nint next(void);\nint next(void) { return ++counter; }\n"),
    ("calls.", "int next(void);\nint next(void) { static int calls; return ++calls; }\n"),
    ("calls malloc()", "void *malloc(unsigned long);\nvoid *get(void);\nvoid *get(void) { return malloc(3); }\n"),
    ("calls printf()", "int printf(const char *, ...);\nvoid say(int);\nvoid say(int a) { printf(\"%d\", a); }\n"),
]


class Objects(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def archive(self, room, text):
        path = os.path.join(self.folder.name, "src", room)
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, "a.c"), "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run(["gcc", "-O0", "-w", "-c", "a.c"], cwd=path, check=True)
        subprocess.run(["ar", "rcs", f"lib{room}.a", "a.o"], cwd=path, check=True)

    def check(self):
        done = subprocess.run([sys.executable, CHECK, self.folder.name], capture_output=True, text=True)
        return done.returncode, done.stdout

    def test_const_tables_and_calls_among_rooms_pass(self):
        self.archive("exi", CLEAN)
        self.archive("session", CALLER)
        self.assertEqual(self.check(), (0, ""))

    def test_each_planted_violation_is_found(self):
        for named, text in PLANTED:
            with self.subTest(named=named):
                self.archive("exi", text)
                code, found = self.check()
                self.assertEqual(code, 1)
                self.assertIn(named, found)

    def test_nothing_built_is_a_skip_with_a_reason(self):
        code, found = self.check()
        self.assertEqual(code, 77)
        self.assertIn("skipped:", found)


if __name__ == "__main__":
    unittest.main()
