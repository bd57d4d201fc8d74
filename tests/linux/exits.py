#!/usr/bin/env python3
"""Every exit code of the man pages of ccs-evse and ccs-ev, by a program that ends with it; one clear line each.

    exits.py --build BUILD CASE      CASE: a function below whose name begins with "case_"
SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import re
import signal
import sys

import cases
from world import HERE, Control, Ev, Evse, peers, site

MAN = HERE.parent.parent / 'docs/man'
FAILED, USAGE, CONFIG, INTERFACE, NO_ADDRESS, SECOND, NO_RIGHT, ABSENT, HARDWARE, BUSY, STORAGE = range(1, 12)
(NO_SDP_ANSWER, NO_CONNECTION, NO_PROTOCOL, REFUSED, TIMEOUT, ONGOING_TOO_LONG, BAD_ANSWER, LINK_LOST, CAR_FAULT, UNPLUGGED,
 NO_MATCH) = range(23, 34)


def told(program):
    """The codes in the table of its man page."""
    text = (MAN / f'{program}.1').read_text().split('.SH EXIT STATUS')[1].split('.SH')[0]
    return {int(code) for code in re.findall(r'^\.TP\n\.B (\d+)$', text, re.MULTILINE)}


class Runs:
    """Runs a program until it ends, and keeps the codes that were seen."""

    def __init__(self, cable, options, program, side, own):
        self.cable, self.options, self.program, self.side, self.own, self.seen = cable, options, program, side, own, set()

    def ends(self, code, *words, interface=None, before=(), says=''):
        """At once, with one line that says so."""
        named = ['--interface', interface or f'{self.side}0'] if interface != '' else []
        run = self.cable.run(self.side, [*before, self.options.bin / self.program, *named, *self.own, *words], 20)
        lines = [line for line in run.stdout.splitlines() if line.startswith(f'{self.program}: ')]
        assert run.returncode == code, f'{words}: {run.returncode} instead of {code}\n{run.stdout}'
        assert len(lines) == len(run.stdout.splitlines()) == 1 and says in lines[0], f'{words}: {run.stdout}'
        self.seen.add(code)

    def saw(self, code, ended):
        assert ended == code, f'{self.program} ended with {ended}, not {code}'
        self.seen.add(code)

    def missing(self):
        return told(self.program) - self.seen


def nobody(cable, options):
    """Words before a program that has no rights; its folder."""
    if options.bin.stat().st_mode & 0o005 != 0o005 or not all(p.stat().st_mode & 1 for p in options.bin.resolve().parents):
        raise peers.Missing(f'{options.bin} is not to be reached by a user without rights')
    home = cable.folder / 'nobody'
    home.mkdir()
    os.chown(home, 65534, 65534)
    cable.folder.chmod(0o755)
    return ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'], home


def no_address(cable, side):
    """An interface that is up and has no IPv6 address of its own."""
    cable.run(side, ['ip', 'link', 'add', 'silent0', 'type', 'veth', 'peer', 'name', 'silent1'])
    cable.run(side, ['ip', 'link', 'set', 'silent0', 'addrgenmode', 'none', 'up'])
    return 'silent0'


def case_evse(cable, options):
    """Every exit code that the man page of ccs-evse tells."""
    runs = Runs(cable, options, 'ccs-evse', 'se', ['--set', f'site.state={cable.folder}/other', '--control', cable.folder / 'other.sock'])
    runs.ends(USAGE, '--nosuch', says='unknown option')
    runs.ends(USAGE, interface='', says='is needed')
    runs.ends(CONFIG, '--set', 'evse.port=x', says='[evse] port')
    runs.ends(INTERFACE, interface='nosuch0', says="'nosuch0' does not exist")
    runs.ends(NO_ADDRESS, interface=no_address(cable, 'se'), says='no IPv6 link-local address')
    runs.ends(ABSENT, '--set', 'evse.protocols=iso2', says='not in this release')
    runs.ends(HARDWARE, '--hal', '/nosuch.so', says='nosuch.so')
    runs.ends(STORAGE, '--set', 'site.state=/proc/ccs', says='state directory')
    words, home = nobody(cable, options)
    runs.ends(NO_RIGHT, '--set', 'evse.port=443', '--set', f'site.state={home}', before=words, says='Permission denied')
    evse = Evse(cable, options)
    runs.ends(SECOND, says="'se0' is already served")
    runs.ends(SECOND, '--set', f'site.state={evse.state}', interface='lo', says='is used by another daemon')
    line = evse.watch.line()
    evse.process.child.terminate()
    runs.saw(0, evse.process.wait(20))
    taker = cable.start('se', [sys.executable, '-c', 'import socket,time\nwith socket.create_server(("::", 50000), family=socket.AF_INET6) as s:'
                                                     ' print("ready", flush=True); time.sleep(60)'], 'taker.log')
    assert line['tcp_port'] >= 49152 and taker.wait_text('ready', 10)
    runs.ends(BUSY, '--set', 'evse.port=50000', says='50000')
    taker.stop()
    board = Evse(cable, options, hal='control', **{'site.stop_s': 1})  # a board that never says that it is safe
    board.process.child.terminate()
    runs.saw(FAILED, board.process.wait(20))
    assert not runs.missing(), f'not shown: {runs.missing()}'


def meets(cable, options, way):
    """The exit code of a car that comes to a charger of that way (charger.py)."""
    fake = cable.start('se', [sys.executable, '-B', HERE / 'charger.py', options.bin / 'ccs-dump', 'se0', way], f'{way}.log')
    assert fake.wait_text('^ready', 10), fake.text()
    ended = Ev(cable, options).process.wait(30)
    fake.stop()
    return ended


def case_ev(cable, options):
    """Every exit code that the man page of ccs-ev tells."""
    runs = Runs(cable, options, 'ccs-ev', 'ev', [])
    with site('ev1', 'xx1') as line:  # no charger there: the car leaves a minute after its last attempt
        lonely = Ev(line, options, '--modem', 'linux', side='ev1', interface='ev1', **{'slac.repetition_ms': 1000})
        car_alone(cable, options, runs)
        car_and_chargers(cable, options, runs)
        runs.saw(NO_MATCH, lonely.process.wait(80))
    assert not runs.missing(), f'not shown: {runs.missing()}'


def car_alone(cable, options, runs):
    runs.ends(USAGE, '--nosuch', says='unknown option')
    runs.ends(CONFIG, '--set', 'car.loop_ms=x', says='[car] loop_ms')
    runs.ends(INTERFACE, interface='nosuch0', says="'nosuch0' does not exist")
    runs.ends(NO_ADDRESS, interface=no_address(cable, 'ev'), says='no IPv6 link-local address')
    runs.ends(ABSENT, '--protocol', 'iso2', says='not in this release')
    runs.ends(STORAGE, '--capture', '/nowhere/at/all.pcapng', says='capture')
    runs.ends(STORAGE, '--log-json', cable.folder, says='JSON log')
    words, _ = nobody(cable, options)
    runs.ends(NO_RIGHT, '--modem', 'linux', before=words, says='CAP_NET_RAW')
    runs.ends(FAILED, before=['prlimit', '--nofile=5'], says='Too many open files')


def car_and_chargers(cable, options, runs):
    for way, code in (('deaf', NO_CONNECTION), ('other', NO_PROTOCOL), ('mute', TIMEOUT), ('refuses', REFUSED), ('rubbish', BAD_ANSWER),
                      ('leaves', LINK_LOST), ('cold', ONGOING_TOO_LONG)):
        runs.saw(code, meets(cable, options, way))
    first = Ev(cable, options, '--control', cable.folder / 'ev.sock')
    Control(cable.folder / 'ev.sock').close()
    runs.ends(BUSY, '--control', cable.folder / 'ev.sock', says='ev.sock')
    runs.saw(NO_SDP_ANSWER, first.process.wait(30))
    evse = Evse(cable, options)
    runs.saw(0, Ev(cable, options).process.wait(40))
    runs.saw(CAR_FAULT, Ev(cable, options, '--misbehave', 'CLOSE@ServiceDiscoveryReq').process.wait(40))
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A' and not s['running'], 20)
    runs.saw(UNPLUGGED, Ev(cable, options, '--misbehave', 'UNPLUG@CurrentDemandReq:3').process.wait(40))
    evse.stop()


def case_ipv6_off(cable, options):
    """An interface on which IPv6 is switched off is told so, at once, in one line."""
    for program, side, own in (('ccs-evse', 'se', ['--set', f'site.state={cable.folder}/other', '--control', cable.folder / 'other.sock']),
                               ('ccs-ev', 'ev', [])):
        switch = pathlib.Path(f'/proc/sys/net/ipv6/conf/{side}0/disable_ipv6')
        cable.run(side, ['sh', '-c', f'echo 1 > {switch}'])
        Runs(cable, options, program, side, own).ends(NO_ADDRESS, says=f"IPv6 is switched off on '{side}0'")


def case_two_daemons(cable, options):
    """A second daemon on an interface is sent away in one line and costs the first one's charge nothing."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    runs = Runs(cable, options, 'ccs-evse', 'se', ['--set', f'site.state={cable.folder}/other', '--control', cable.folder / 'other.sock'])
    for _ in range(3):
        runs.ends(SECOND, says="'se0' is already served by another daemon")
    runs.ends(SECOND, '--modem', 'linux', says='already served')
    evse.live()
    ev.process.child.send_signal(signal.SIGINT)
    ev.ends(0)
    assert evse.record()['reason'] == 'COMPLETED'
    evse.stop()


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('setpriv', 'util-linux'), ('prlimit', 'util-linux')]))
