"""What the documents show is what stands: links lead somewhere, named files exist, the program in the README is the file.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:script|tools|docs|examples|ports|tests|apps|cmake|schema|bench)/[a-z0-9_./-]+)`")
PROGRAM = re.compile(r"<!-- (examples/\S+\.c) -->\n```c\n(.*?)```", re.S)
# Said of what is not there: where a document may name a file ahead of its step.
AHEAD = re.compile(r"ahead|planned|not there|will be", re.I)


def documents():
    git = shutil.which("git")  # a bare machine may lack it
    tracked = subprocess.run([git, "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True).stdout.split() if git else []
    found = tracked or [os.path.relpath(path, ROOT) for path in glob.glob(os.path.join(ROOT, "**", "*.md"), recursive=True)]
    return [path for path in found if not path.startswith("build/") and os.path.exists(os.path.join(ROOT, path))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Documents(unittest.TestCase):
    def test_the_program_in_the_readme_is_the_file(self):
        shown = PROGRAM.findall(read("README.md"))
        self.assertTrue(shown, "README.md shows no program")
        for path, text in shown:
            self.assertEqual(text, read(path), f"README.md and {path} differ; tools/readme.py puts the file into it")

    def test_links_lead_to_files(self):
        for path in documents():
            for target in LINK.findall(read(path)):
                if "://" not in target:
                    there = os.path.join(ROOT, os.path.dirname(path), target)
                    self.assertTrue(os.path.exists(there), f"{path}: {target}")

    def test_named_files_exist(self):
        for path in documents():
            for line in read(path).splitlines():
                for name in NAMED.findall(line):
                    there = os.path.exists(os.path.join(ROOT, name.rstrip("/.")))
                    self.assertTrue(there or AHEAD.search(line), f"{path}: {name}")

    def test_the_readme_shows_every_room_and_leads_to_every_document(self):
        text = read("README.md")
        layers = re.search(r"## Layers\n(.*?)\n## ", text, re.S).group(1)
        for room in sorted(os.listdir(os.path.join(ROOT, "src"))):
            if os.path.isdir(os.path.join(ROOT, "src", room)) and room not in ("qca7000",):  # the modem's chip: docs/MODEM.md
                self.assertRegex(layers, rf"(?<![\w(]){room}(?![\w)])", f"README.md, Layers: {room} is missing, or in parentheses though it stands")
        for path in glob.glob(os.path.join(ROOT, "docs", "*.md")):
            self.assertIn(f"(docs/{os.path.basename(path)})", text, "README.md does not lead there")

    def test_what_stands_is_not_denied(self):
        """The sentence on what is missing must not name what the sources have."""
        missing = re.search(r"\*\*What does not stand yet:\*\*(.*?)\n\n", read("README.md"), re.S).group(1)
        for words, file in (("TLS connections", "ports/tls/link.c"), ("SLAC", "src/slac/evse.c"), ("certificates", "src/pki/judge.c")):
            if os.path.exists(os.path.join(ROOT, file)):
                self.assertNotIn(words, missing)

    def test_commands_of_the_readme_are_executable(self):
        for command in re.findall(r"^\s*(script/\w+)", read("README.md"), re.M):
            self.assertTrue(os.access(os.path.join(ROOT, command), os.X_OK), command)

    def test_ci_calls_the_tests_as_the_readme_says(self):
        self.assertIn("script/test", read(".ci/run"))
        self.assertIn("script/test", read("README.md"))

    def test_scripts_are_whole(self):
        for path in glob.glob(os.path.join(ROOT, "script", "*")) + [os.path.join(ROOT, ".ci", "run")]:
            if os.path.isdir(path) or path.endswith((".sh", ".tsv")):
                continue
            with open(path, encoding="utf-8") as file:
                first = file.readline()
            self.assertTrue(first.startswith("#!") and os.access(path, os.X_OK), path)
            if "bash" in first:
                self.assertEqual(subprocess.run(["bash", "-n", path]).returncode, 0, path)


if __name__ == "__main__":
    unittest.main()
