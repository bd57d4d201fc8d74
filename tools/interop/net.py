"""Two network namespaces joined by a cable, and processes inside them that never outlive the test.

    with net.pair() as cable:                          # interfaces `ev0` and `se0`, IPv6 link-local only
        secc = cable.start('se', [...], log='secc.log')
        ...
SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from peers import Missing

SIDES = {'ev': '02:00:00:00:00:01', 'se': '02:00:00:00:00:02'}


class Process:
    """A program in a namespace, in a process group of its own, with everything it said in a file."""

    def __init__(self, command, log, environment):
        self.log = pathlib.Path(log)
        self.begin_s = time.monotonic()
        with open(self.log, 'wb') as out:
            self.child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          env=environment, start_new_session=True)

    def text(self):
        return self.log.read_text(encoding='utf-8', errors='replace')

    def running(self):
        return self.child.poll() is None

    def wait_text(self, pattern, limit_s):
        """The match of PATTERN in what the program said; None after the limit, or when it has ended without saying it."""
        deadline_s = time.monotonic() + limit_s
        while True:
            running = self.running()
            match = re.search(pattern, self.text(), re.MULTILINE)
            if match or not running or time.monotonic() > deadline_s:
                return match
            time.sleep(0.02)

    def wait(self, limit_s):
        """Its exit code; None after the limit."""
        try:
            return self.child.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number):
        """To the program and to what it started: the group is ours."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, number)

    def stop(self, grace_s=5):
        """Asks it to end, then ends it; its exit code."""
        if self.running():
            self.child.send_signal(signal.SIGTERM)
            if self.wait(grace_s) is None:
                self.signal(signal.SIGKILL)
        self.signal(signal.SIGKILL)  # a JVM that its parent left behind
        return self.child.wait()


class Cable:
    def __init__(self, name, folder):
        self.name, self.folder, self.processes = name, folder, []

    def namespace(self, side):
        return f'{self.name}-{side}'

    def start(self, side, command, log, **environment):
        command = ['ip', 'netns', 'exec', self.namespace(side), *map(str, command)]
        process = Process(command, self.folder / log, dict(os.environ, **environment))
        self.processes.append(process)
        return process

    def run(self, side, command, limit_s=10):
        return subprocess.run(['ip', 'netns', 'exec', self.namespace(side), *map(str, command)], text=True, timeout=limit_s,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def ip(*words):
    run = subprocess.run(['ip', *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if run.returncode:
        raise Missing(f"no network namespaces here: ip {' '.join(words)}: {run.stdout.strip()[:120]}")
    return run.stdout


def plug(cable):
    for side in SIDES:
        ip('netns', 'add', cable.namespace(side))
    ip('link', 'add', 'ev0', 'netns', cable.namespace('ev'), 'type', 'veth', 'peer', 'name', 'se0', 'netns', cable.namespace('se'))
    for side, address in SIDES.items():
        settings = f'/proc/sys/net/ipv6/conf/{side}0'  # without duplicate address detection the address is usable at once
        cable.run(side, ['sh', '-c', f'echo 0 > {settings}/accept_dad; echo 0 > {settings}/dad_transmits'])
        ip('-n', cable.namespace(side), 'link', 'set', 'lo', 'up')  # Josev talks to its JVM over 127.0.0.1
        ip('-n', cable.namespace(side), 'link', 'set', f'{side}0', 'address', address, 'up')
    wait_addresses(cable)


def wait_addresses(cable):
    for _ in range(100):
        if all('scope link' in ip('-n', cable.namespace(s), '-6', 'address', 'show', f'{s}0') for s in SIDES):
            return
        time.sleep(0.05)
    raise Missing('no IPv6 link-local address on a veth: is IPv6 switched off?')


@contextlib.contextmanager
def pair():
    """A cable of a name that no other run has; everything that was started on it ends with it."""
    cable = Cable(f'ccs{os.getpid()}', pathlib.Path(tempfile.mkdtemp(prefix='ccs-interop-')))
    try:
        plug(cable)
        yield cable
    finally:
        for process in reversed(cable.processes):
            process.stop()
        for side in SIDES:
            subprocess.run(['ip', 'netns', 'delete', cable.namespace(side)], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(cable.folder, ignore_errors=True)


def become_root():
    """Namespaces need rights: root's, or those of a user namespace of our own. Starts this program again where needed."""
    if os.geteuid() == 0:
        return
    inside = 'mount -t tmpfs none /run && exec "$0" "$@"'
    wrapper = ['unshare', '--user', '--map-root-user', '--net', '--mount', 'sh', '-c', inside]
    if subprocess.run([*wrapper, 'true'], capture_output=True, check=False).returncode:
        raise Missing('network namespaces need root, or unprivileged user namespaces')
    os.execvp(wrapper[0], [*wrapper, sys.executable, *sys.argv])
