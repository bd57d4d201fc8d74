"""script/demo ends without a trace: an ordinary user, a signal, a closed terminal, a machine that allows no namespaces.

    test_goodbye.py BIN
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from terminal import Terminal

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
DEMO = os.path.join(ROOT, "script", "demo")
BIN = os.path.abspath(sys.argv[1])
ENV = {**os.environ, "CCS_BIN": BIN, "TERM": "xterm"}
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
CURRENT = re.compile(r"first current after")
LIMIT_S = 60
REFUSED = "demo: --script: '3x' is no key (s e u i l p q) with seconds before it"


def processes():
    """(pid, command line) of everything that runs here."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                yield int(name), file.read()
        except OSError:
            pass


def children(pid):
    """pid and all below it."""
    found = [pid]
    for parent in found:
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
        except OSError:
            pass
    return found


def namespaces(pids):
    found = set()
    for pid in pids:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/net"))
        except OSError:
            pass
    return found


class Goodbye(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o777)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, *before, script="60s", more=()):
        process = subprocess.Popen([*before, DEMO, "--script", script, "--folder", self.folder, *more], env=ENV, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def await_current(self, process):
        told = ""
        for line in process.stdout:
            told += line
            if CURRENT.search(line):
                return
        self.fail("no current: " + told)

    def assert_nothing_left(self, spaces):
        """Within two seconds: no process knows our folder, none is in our namespaces."""
        left = None
        for _ in range(20):
            mine = [pid for pid, words in processes() if self.folder in words and pid != os.getpid()]
            left = mine, namespaces(pid for pid, _ in processes()) & spaces
            if left == ([], set()):
                return
            time.sleep(0.1)
        self.fail(f"left behind: {left}")

    def spaces_of(self, pid, spaces_made=3):
        """The namespaces that a demo has made: of its charger, its car, and mostly the power line."""
        spaces = namespaces(children(pid)) - namespaces([os.getpid()])
        self.assertIn(len(spaces), (0, spaces_made))  # none where the machine allows none
        return spaces

    def ends_after(self, number):
        process = self.start()
        self.await_current(process)
        spaces = self.spaces_of(process.pid)
        process.send_signal(number)
        told = process.communicate(timeout=LIMIT_S)[0]
        self.assertEqual(process.returncode, 128 + number, told)
        self.assertRegex(told, r"1\. STOPPED_USER +[\d.]+ s +\d+ Wh")
        self.assertIn(".pcapng", told)
        self.assert_nothing_left(spaces)

    def test_sigterm_ends_the_charge_in_order_and_leaves_nothing(self):
        self.ends_after(signal.SIGTERM)

    def test_interrupted_without_a_terminal(self):
        self.ends_after(signal.SIGINT)

    def test_killed_outright_leaves_nothing_either(self):
        process = self.start()
        self.await_current(process)
        spaces = self.spaces_of(process.pid)
        process.kill()
        process.wait(LIMIT_S)
        self.assert_nothing_left(spaces)

    def test_ctrl_c_in_a_terminal(self):
        terminal = Terminal([DEMO, "--folder", self.folder], ENV)
        self.addCleanup(terminal.kill)
        terminal.wait("first current")
        spaces = self.spaces_of(terminal.pid)
        terminal.press("\x03")
        self.assertEqual(terminal.end(), 128 + signal.SIGINT)
        self.assertIn("STOPPED_USER", terminal.after())
        self.assert_nothing_left(spaces)

    def test_q_before_a_charge_has_begun(self):
        terminal = Terminal([DEMO, "--folder", self.folder], ENV)
        self.addCleanup(terminal.kill)
        terminal.wait(r"key p: a car plugs in")
        spaces = self.spaces_of(terminal.pid)
        terminal.press("q")
        self.assertEqual(terminal.end(), 0)
        self.assertRegex(terminal.after(), r"^\s*(0 charges|1 charge) ")
        self.assert_nothing_left(spaces)

    def test_a_closed_terminal(self):
        terminal = Terminal([DEMO, "--folder", self.folder], ENV)
        self.addCleanup(terminal.kill)
        terminal.wait("first current")
        spaces = self.spaces_of(terminal.pid)
        terminal.hang_up()
        self.assertEqual(terminal.end(), 128 + signal.SIGHUP)
        self.assert_nothing_left(spaces)

    def test_an_ordinary_user_has_the_power_line_too(self):
        before = NOBODY if os.geteuid() == 0 else []
        if subprocess.run([*before, "unshare", "--user", "--map-root-user", "--net", "true"], capture_output=True).returncode:
            self.skipTest("this machine gives ordinary users no namespaces")
        process = self.start(*before, script="1s")
        told = process.communicate(timeout=LIMIT_S)[0]
        self.assertEqual(process.returncode, 0, told)
        self.assertIn("1 charge (two programs, modems on a modelled power line)", told)
        self.assert_nothing_left(set())

    def test_a_given_link_instead_of_a_match(self):
        process = self.start(script="1s", more=["--no-slac"])
        self.await_current(process)
        spaces = self.spaces_of(process.pid, spaces_made=2)
        told = process.communicate(timeout=LIMIT_S)[0]
        self.assertEqual(process.returncode, 0, told)
        self.assertIn("1 charge (two programs, IPv6 over a virtual cable)", told)
        self.assert_nothing_left(spaces)

    def test_without_namespaces_one_process_shows_it_and_says_so(self):
        tools = os.path.join(self.folder, "tools")
        os.mkdir(tools)
        with open(os.path.join(tools, "unshare"), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho unshare: Operation not permitted >&2\nexit 1\n")
        os.chmod(os.path.join(tools, "unshare"), 0o755)
        process = self.start("env", f"PATH={tools}:{os.environ['PATH']}", script="1s")
        told = process.communicate(timeout=LIMIT_S)[0]
        self.assertEqual(process.returncode, 0, told)
        self.assertIn("allows no network namespaces: charger and car run in one process", told)
        self.assertIn("1 charge (one process, simulated link)", told)

    def test_a_folder_without_programs_is_told(self):
        run = subprocess.run([DEMO, "--script", "q", "--folder", self.folder], env={**ENV, "CCS_BIN": self.folder}, text=True,
                             capture_output=True, timeout=LIMIT_S)
        self.assertEqual((run.returncode, run.stderr.strip()),
                         (2, f"demo: no program {self.folder}/ccs-evse (CCS_BIN names their folder)"))

    def test_keys_that_do_not_exist_are_refused(self):
        process = self.start(script="3x")
        told = process.communicate(timeout=LIMIT_S)[0]
        self.assertEqual((process.returncode, told.strip()), (2, REFUSED))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
