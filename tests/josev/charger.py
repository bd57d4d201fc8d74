"""Our charger and our car as processes on a cable: started with a control socket, asked, and read afterwards.
SPDX-License-Identifier: Apache-2.0
"""
import json
import socket
import time

POLL_S = 0.02
ANSWER_S = 5


class Control:
    """The control socket of a program of ours (docs/CONTROL.md)."""

    def __init__(self, path):
        self.path = str(path)

    def ask(self, command):
        """The answer to one command; None: nobody is there (yet)."""
        try:
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(ANSWER_S)
                peer.connect(self.path)
                peer.sendall(command.encode() + b'\n')
                return json.loads(peer.makefile().readline())
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def do(self, command):
        answer = self.ask(command)
        assert answer is not None and 'error' not in answer, f'{command}: {answer}'
        return answer

    def wait(self, what, condition, limit_s):
        """The first status that meets the condition."""
        deadline_s = time.monotonic() + limit_s
        status = None
        while time.monotonic() < deadline_s:
            status = self.ask('status')
            if status is not None and condition(status):
                return status
            time.sleep(POLL_S)
        raise AssertionError(f'{what}: not within {limit_s} s; last status {status}')


class Charger:
    """ccs-evse with the simulated hardware and a car that is not ours."""

    def __init__(self, cable, programs, **settings):
        socket_path = cable.folder / 'evse.sock'
        own = {'site.authorize': 'free', 'site.state': cable.folder / 'evse', 'site.control': socket_path, 'sim.foreign_car': 'yes',
               'sim.plugged': 'yes', 'log.level': 'debug'}
        (cable.folder / 'evse').mkdir()
        words = [word for key, value in {**own, **settings}.items() for word in ('--set', f'{key}={value}')]
        self.process = cable.start('se', [programs / 'ccs-evse', '--interface', 'se0', '--hal', 'sim', *words], 'ccs-evse.log')
        self.control = Control(socket_path)
        self.control.wait('our charger starts', lambda status: status['interface'] == 'se0', 10)

    def record(self, limit_s=10):
        """What the journal says of the session, once it is over."""
        deadline_s = time.monotonic() + limit_s
        while time.monotonic() < deadline_s:
            answer = self.control.do('sessions')
            if answer['sessions']:
                assert len(answer['sessions']) == 1 and answer['waiting'] == 0, answer
                with open(answer['journal'], encoding='utf-8') as journal:
                    lines = [json.loads(line) for line in journal]
                assert len(lines) == 1 and lines[0]['reason'] == answer['sessions'][0]['reason'], lines
                return lines[0]
            time.sleep(POLL_S)
        raise AssertionError(f"no record within {limit_s} s; {self.control.ask('status')}")

    def rests(self, limit_s=10):
        """No current, no voltage, no phase that could have any: the status that shows it."""
        def at_rest(status):
            return status['phase'] in ('OFF', 'FAULT') and status['settled'] and status['mA'] < 100 and status['mV'] < 60000
        return self.control.wait('our charger is at rest', at_rest, limit_s)


class Car:
    """ccs-ev with the default car, which has enough after three seconds in the loop."""

    def __init__(self, cable, programs):
        words = [word for key, value in {'battery.duration_stop_ms': 3000, 'log.level': 'debug'}.items() for word in ('--set', f'{key}={value}')]
        self.process = cable.start('ev', [programs / 'ccs-ev', '--interface', 'ev0', '--protocol', 'din', *words], 'ccs-ev.log')

    def result(self, limit_s):
        """Its exit code, and all that it said."""
        return self.process.wait(limit_s), self.process.text()
