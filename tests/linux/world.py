"""Programs, control sockets and files of the tests in this folder.
SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import select
import socket
import struct
import sys
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

    def __init__(self, cable, options, *words, hal='sim', **settings):
        self.cable, self.folder = cable, cable.folder
        self.state = self.folder / 'state'
        self.json_log = self.folder / 'evse.jsonl'
        self.path = self.folder / 'evse.sock'
        own = {'site.state': self.state, **settings}
        self.process = cable.start('se', [options.bin / 'ccs-evse', '--interface', 'se0', '--hal', hal, '--control', self.path,
                                          '--log-json', self.json_log, *words_of(own), *words], 'evse.log')
        self.control = Control(self.path)
        self.watch = Watch(self.path)

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

    def __init__(self, cable, options, *words, **settings):
        own = {'battery.duration_stop_ms': 1000, **settings}
        self.process = cable.start('ev', [options.bin / 'ccs-ev', '--interface', 'ev0', '--protocol', 'din', *words_of(own), *words], 'ev.log')

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


pair = net.pair
become_root = net.become_root
