"""Programs, control sockets and files of the tests in this folder.
SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import json
import os
import pathlib
import select
import socket
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / 'tools/interop'))
import net      # noqa: E402
import peers    # noqa: E402, F401  (handed on to programs.py)

START_S = 10
CHARGE_S = 40


class Control:
    """A connection to a control socket: one line out, one object back."""

    def __init__(self, path, limit_s=START_S):
        deadline_s = time.monotonic() + limit_s
        while True:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                assert time.monotonic() < deadline_s, f'no control socket {path} within {limit_s} s'
                time.sleep(0.02)
        self.rest = b''

    def close(self):
        self.socket.close()

    def line(self, limit_s=5):
        deadline_s = time.monotonic() + limit_s
        while b'\n' not in self.rest:
            ready, _, _ = select.select([self.socket], [], [], max(0, deadline_s - time.monotonic()))
            assert ready, f'no line within {limit_s} s'
            data = self.socket.recv(65536)
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b'\n', 1)
        return json.loads(line)

    def ask(self, command):
        self.socket.sendall(command.encode() + b'\n')
        return self.line()

    def do(self, command):
        answer = self.ask(command)
        assert answer and 'error' not in answer, f'{command}: {answer}'
        return answer


class Watch(Control):
    """Status lines, every 20 ms and at every change."""

    def __init__(self, path):
        super().__init__(path)
        self.socket.sendall(b'watch 20\n')

    def until(self, what, condition, limit_s=CHARGE_S):
        """The first status from now on that meets the condition."""
        deadline_s = time.monotonic() + limit_s
        last = None
        while time.monotonic() < deadline_s:
            last = self.line()
            assert last, f'{what}: the program has ended'
            if condition(last):
                return last
        raise AssertionError(f'{what}: not within {limit_s} s; last status {last}')


def words_of(settings):
    return [word for key, value in settings.items() for word in ('--set', f'{key}={value}')]


class Evse:
    """ccs-evse in the namespace 'se'."""

    def __init__(self, cable, options, *words, hal='sim', side='se', interface='se0', **settings):
        self.cable, self.folder = cable, cable.folder
        self.state = self.folder / 'state'
        self.json_log = self.folder / 'evse.jsonl'
        self.path = self.folder / 'evse.sock'
        own = {'site.state': self.state, **settings}
        self.process = cable.start(side, [options.bin / 'ccs-evse', '--interface', interface, '--hal', hal, '--control', self.path,
                                          '--log-json', self.json_log, *words_of(own), *words], 'evse.log')
        self.control = Control(self.path)
        self.watch = Watch(self.path)
        if hal == 'sim':  # a car that is there sooner was plugged in at the start, and is kept waiting for 4 s
            self.watch.until('it sees its connector', lambda s: s.get('pilot', '') != '?', START_S)

    def records(self):
        journal = self.state / 'sessions.jsonl'
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    def record(self, number=1, limit_s=CHARGE_S):
        """The record of that session, once the journal has it."""
        def written(_):
            return len(self.records()) >= number
        self.watch.until(f'record {number}', written, limit_s)
        found = self.records()[number - 1]
        assert found['id'] == number, found
        return found

    def live(self):
        return self.watch.until('it charges', lambda s: s['phase'] == 'LIVE' and s['mA'] > 5000)

    def at_rest(self, limit_s=10):
        return self.watch.until('at rest', lambda s: s['phase'] in ('OFF', 'FAULT') and s['settled'] and s['mV'] < 60000 and s['mA'] == 0,
                                limit_s)

    def stop(self, code=0):
        """SIGTERM; its exit code must be this one."""
        self.process.child.terminate()
        ended = self.process.wait(20)
        assert ended == code, f'ccs-evse ended with {ended}'
        return self


class Ev:
    """ccs-ev in the namespace 'ev': a car that has enough after a second in the loop, unless it is told otherwise."""

    def __init__(self, cable, options, *words, side='ev', interface='ev0', **settings):
        own = {'battery.duration_stop_ms': 1000, **settings}
        self.process = cable.start(side, [options.bin / 'ccs-ev', '--interface', interface, '--protocol', 'din', *words_of(own), *words], f'{side}.log')

    def ends(self, code, limit_s=CHARGE_S):
        ended = self.process.wait(limit_s)
        assert ended == code, f'ccs-ev ended with {ended}, not {code}'
        return self.process.text()


def blocks(path):
    """The blocks of a pcapng: (type, body). Fails where the file is not one."""
    data, at, found = pathlib.Path(path).read_bytes(), 0, []
    while at < len(data):
        kind, length = struct.unpack_from('<II', data, at)
        assert length % 4 == 0 and at + length <= len(data), f'{path}: block of {length} octets at {at}'
        assert struct.unpack_from('<I', data, at + length - 4)[0] == length, f'{path}: block at {at}'
        found.append((kind, data[at + 8:at + length - 4]))
        at += length
    assert found and found[0][0] == 0x0A0D0D0A, f'{path}: no section header'
    return found


def json_lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def peer(cable, side, *words):
    run = cable.run(side, [sys.executable, HERE / 'peer.py', *words], 30)
    assert run.returncode == 0, run.stdout
    return json.loads(run.stdout)


def tail(process, lines=60):
    return f'--- {process.log.name}\n' + '\n'.join(line[:240] for line in process.text().splitlines()[-lines:])


def site_host(site, host, where, number):
    net.ip('link', 'add', host, 'netns', site.namespace(where), 'type', 'veth', 'peer', 'name', f'm-{host}', 'netns', site.namespace('line'))
    settings = f'/proc/sys/net/ipv6/conf/{host}'
    site.run(where, ['sh', '-c', f'echo 0 > {settings}/accept_dad; echo 0 > {settings}/dad_transmits'])
    site.run('line', ['sh', '-c', f'echo 1 > /proc/sys/net/ipv6/conf/m-{host}/disable_ipv6'])
    net.ip('-n', site.namespace('line'), 'link', 'set', f'm-{host}', 'up')
    net.ip('-n', site.namespace(where), 'link', 'set', 'lo', 'up')
    net.ip('-n', site.namespace(where), 'link', 'set', host, 'address', f'02:00:00:00:01:{number:02x}', 'up')
    assert peer(site, where, 'plain', host)


def site_plug(site, hosts, *words):
    """A namespace with an interface for each host (`ev1`, `se1` ...), all of them on one power line, a modem each. `se2@se1`: in
    the namespace of se1."""
    for side in ('line', *(host for host in hosts if '@' not in host)):
        net.ip('netns', 'add', site.namespace(side))
    modems = []
    for number, host in enumerate(hosts, 1):
        host, _, where = host.partition('@')
        where = where or host
        site_host(site, host, where, number)
        role = {'se': ':charger', 'xx': ':open'}.get(host[:2], '')
        modems.append(f'{host}:m-{host}{role}')
    site.line = site.start('line', [sys.executable, '-B', HERE / 'plc_line.py', *words, *modems], 'line.log')
    assert site.line.wait_text('^ready', START_S), site.line.text()
    for host in hosts:
        host, _, where = host.partition('@')
        until_s = time.monotonic() + START_S
        while 'scope link' not in net.ip('-n', site.namespace(where or host), '-6', 'address', 'show', host):
            assert time.monotonic() < until_s, f'{host} has no link-local address'
            time.sleep(0.02)


@contextlib.contextmanager
def site(*hosts, words=()):
    """Hosts on a power line; everything that was started there ends with it."""
    cable = net.Cable(f'plc{os.getpid()}', pathlib.Path(tempfile.mkdtemp(prefix='ccs-plc-')))
    try:
        site_plug(cable, hosts, *words)
        yield cable
    except AssertionError as failure:
        print(*map(tail, cable.processes), f'FAILED: {failure}', sep='\n')
        raise
    finally:
        for process in reversed(cable.processes):
            process.stop()
        for side in ('line', *(host for host in hosts if '@' not in host)):
            subprocess.run(['ip', 'netns', 'delete', cable.namespace(side)], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(cable.folder, ignore_errors=True)


pair = net.pair
become_root = net.become_root
