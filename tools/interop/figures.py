#!/usr/bin/env python3
"""Writes what the live peers showed into docs/peers: runs their suites with CTest and copies the lines that carry figures.

    figures.py BUILD [PAGE ...]     between `<!-- figures: SUITE REGEX -->` and `<!-- end -->` in docs/peers/*.md

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import re
import subprocess
import sys

from peers import ROOT

BLOCK = re.compile(r'(<!-- figures: (\S+) (.+?) -->\n).*?(<!-- end -->)', re.DOTALL)


def lines_of(build, suites, pattern):
    run = subprocess.run(['ctest', '--test-dir', build, '--verbose', '-R', f'^({suites})$'], capture_output=True, text=True, check=False)
    if run.returncode or 'Skipped' in run.stdout:
        sys.exit(f'{suites}: did not pass here\n{run.stdout[-2000:]}')
    said = [re.sub(r'^\d+: ', '', line) for line in run.stdout.splitlines()]
    return [line for line in said if re.search(pattern, line)]


def renewed(build, page):
    def block(match):
        head, suites, pattern, end = match.groups()
        return head + '```\n' + '\n'.join(lines_of(build, suites, pattern)) + '\n```\n' + end
    return BLOCK.sub(block, page.read_text(encoding='utf-8'))


for path in map(pathlib.Path, sys.argv[2:] or sorted((ROOT / 'docs/peers').glob('*.md'))):
    path.write_text(renewed(pathlib.Path(sys.argv[1]).resolve(), path), encoding='utf-8')
