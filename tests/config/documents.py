#!/usr/bin/env python3
"""What is said to people says what the programs do: docs/CONFIG.md, the man pages, docs/CONTROL.md and the example configurations.

    documents.py --bin BUILD/bin [--write]      --write: writes docs/CONFIG.md
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / 'docs'
PROGRAMS = ('ccs-evse', 'ccs-ev', 'ccsctl')
CONTROL_SOURCES = {'ccs-evse': 'apps/ccs-evse/commands.c', 'ccs-ev': 'apps/ccs-ev/commands.c'}
BIN = None


def says(program, *words):
    run = subprocess.run([BIN / program, *words], text=True, capture_output=True, timeout=20)
    assert run.returncode == 0, f'{program} {words}: {run.returncode} {run.stderr}'
    return run.stdout


def options_of_help(program):
    return set(re.findall(r'^  --([a-z-]+)', says(program, '--help'), re.M))


def options_of_man(program):
    text = (DOCS / 'man' / f'{program}.1').read_text().replace('\\-', '-')
    return set(re.findall(r'^\.TP\n\.BI? (?:"?)--([a-z-]+)', text, re.M))


def exit_codes():
    """Of ports/common/options/exits.h: {number: name}."""
    text = (ROOT / 'ports/common/options/exits.h').read_text()
    return {int(number): name for name, number in re.findall(r'EXITS_(\w+) = (\d+)', text)}


class Documents(unittest.TestCase):
    def test_config_md_is_what_the_tables_say(self):
        self.assertEqual((DOCS / 'CONFIG.md').read_text(), says('config_document'), 'run tests/config/documents.py --bin BIN --write')

    def test_every_option_of_help_stands_in_the_man_page_and_vice_versa(self):
        for program in PROGRAMS:
            self.assertEqual(options_of_help(program), options_of_man(program), program)

    def test_every_exit_code_stands_in_the_man_pages(self):
        for program in ('ccs-evse', 'ccs-ev'):
            section = (DOCS / 'man' / f'{program}.1').read_text().split('.SH EXIT STATUS')[1].split('.SH ')[0]
            told = {int(number) for number in re.findall(r'^\.B (\d+)', section, re.M)}
            expected = {number for number in exit_codes() if number < 20}
            self.assertEqual(told & set(range(20)), expected - ({6} if program == 'ccs-ev' else set()) - ({9} if program == 'ccs-ev' else set()),
                             program)

    def test_every_result_of_the_car_has_its_exit_code_in_the_man_page(self):
        header = (ROOT / 'include/ccs/ev.h').read_text().split('#define CCS_EV_RESULTS(X)')[1].split('#define')[0]
        names = re.findall(r'X\((\w+),', header)
        page = (DOCS / 'man/ccs-ev.1').read_text()
        for number, name in enumerate(names):
            if name not in ('RUNNING', 'CHARGED', 'STOPPED_BY_CHARGER'):
                self.assertRegex(page, rf'\.B {20 + number}\n{name}\b', name)

    def test_every_control_command_stands_in_control_md(self):
        text = (DOCS / 'CONTROL.md').read_text()
        for program, source in CONTROL_SOURCES.items():
            part = text.split(f'\n## {program}\n')[1].split('\n#')[0]
            told = set(re.findall(r'^\| `(\w+)[ `]', part, re.M)) - {'help'}
            self.assertEqual(told, set(re.findall(r'^    \{"(\w+)", "', (ROOT / source).read_text(), re.M)), program)

    def test_every_key_of_status_stands_in_control_md(self):
        text = (DOCS / 'CONTROL.md').read_text()
        for source in ('apps/ccs-evse/status.c', 'apps/ccs-ev/commands.c'):
            code = (ROOT / source).read_text()
            keys = set(re.findall(r'(?:Object|add_reading)\(\w+, "(\w+)"', code)) - {'ok', 'error'}
            missing = {key for key in keys if f'`{key}`' not in text}
            self.assertEqual(missing, set(), source)

    def test_example_configurations_are_taken(self):
        examples = sorted((ROOT / 'examples').glob('*.conf'))
        self.assertTrue(examples)
        for example in examples:
            program = 'ccs-ev' if example.name.startswith('ev.') else 'ccs-evse'
            says(program, '--config', example, '--print-config')

    def test_printed_configuration_is_read_back_the_same(self):
        for program in ('ccs-evse', 'ccs-ev'):
            printed = says(program, '--print-config')
            file = BIN.parent / f'{program}-printed.conf'
            file.write_text(printed)
            self.assertEqual(says(program, '--config', file, '--print-config'), printed)
            file.unlink()

    def test_version_is_the_headers(self):
        numbers = dict(re.findall(r'CCS_VERSION_(MAJOR|MINOR|PATCH) (\d+)', (ROOT / 'include/ccs/version.h').read_text()))
        version = '.'.join(numbers[part] for part in ('MAJOR', 'MINOR', 'PATCH'))
        for program in PROGRAMS:
            self.assertEqual(says(program, '--version'), f'{program} {version}\n')


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', type=pathlib.Path, required=True)
    parser.add_argument('--write', action='store_true')
    options = parser.parse_args()
    BIN = options.bin.resolve()
    if options.write:
        (DOCS / 'CONFIG.md').write_text(says('config_document'))
        sys.exit(0)
    unittest.main(argv=sys.argv[:1])
