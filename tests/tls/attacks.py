#!/usr/bin/env python3
"""What somebody at the car's end of the cable can do to the TLS listener of ccs-evse, over real sockets in a namespace.

    attacks.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Exit: 0 as it should be, 1 not, 77 not to be had here (with CI=true that is a failure), with the reason in the last line.
SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / 'linux'))  # behind this folder: it has a programs.py as well
import cases  # noqa: E402
from programs import NO_PROTOCOL, again, client, pki, s_client, said, settings, wait_said  # noqa: E402
from world import Ev, Evse, words_of  # noqa: E402

PLAIN, TLS = 16, 0
SAP = json.loads((HERE.parent / 'streams' / 'frames.jsonl').read_text().splitlines()[0])
GONE = ('closed', 'reset')


class Car:
    """car.py in the car's namespace."""

    def __init__(self, cable):
        command = ['ip', 'netns', 'exec', cable.namespace('ev'), sys.executable, '-B', HERE / 'car.py']
        self.child = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __getattr__(self, command):
        def ask(*arguments):
            self.child.stdin.write(json.dumps([command, *map(lambda one: str(one) if isinstance(one, pathlib.Path) else one, arguments)]) + '\n')
            self.child.stdin.flush()
            line = self.child.stdout.readline()
            assert line, f'{command}: the car has died'
            return json.loads(line)
        return ask

    def stop(self):
        self.child.stdin.close()
        self.child.wait(10)


def start(cable, options, **more):
    """A charger with credentials, and somebody plugged in."""
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder, **{'sim.follow_wire': 'off', 'evse.setup_ms': 60000, **more}))
    evse.control.do('sim plug')
    return folder, evse, Car(cable)


def tls_of(evse):
    return evse.control.do('status')['tls']


def good_car(cable, answer, folder):
    """A stock client that is served."""
    text = s_client(cable, answer, '-tls1_2', '-CAfile', folder / 'iso2/certs/v2groot.pem', '-verify_return_error')
    assert 'New, TLSv1.2, Cipher is ECDHE' in text and 'Verify return code: 0 (ok)' in text, text


def refused_before_a_byte(text):
    assert 'CONNECTED' not in text or 'SSL handshake has read 0 bytes' in text, text
    assert 'BEGIN CERTIFICATE' not in text and 'Cipher is ECDHE' not in text, text


def case_second(cable, options):
    """No second handshake: not while a car charges over plain TCP, not while a TLS link stands, not during the first handshake."""
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder))
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    answer = {'address': evse_address(cable), 'port': tls_of(evse)['tcp_port']}
    for _ in range(5):
        refused_before_a_byte(s_client(cable, answer, '-tls1_2'))
        refused_before_a_byte(s_client(cable, answer))
    evse.live()
    told = tls_of(evse)
    assert (told['handshakes'], told['refused'], told['ended'], told['listening']) == (0, 0, 0, False), told
    evse.control.do('stop')
    ev.ends(0)
    evse.stop()


def evse_address(cable):
    return cable.run('se', ['ip', '-6', '-o', 'address', 'show', 'dev', 'se0', 'scope', 'link']).stdout.split()[3].split('/')[0]


def case_second_over_tls(cable, options):
    """While a car's TLS link stands, and while its handshake is under way, another connection is refused before a byte."""
    folder, evse, car = start(cable, options)
    where = car.sdp(TLS)
    assert car.connect('first', where['address'], where['port']) == 'open'
    refused_before_a_byte(s_client(cable, where, '-tls1_2'))
    car.tls('first', folder / 'iso2/certs/v2groot.pem')
    wait_said(evse, 'tls', 1)
    for _ in range(5):
        refused_before_a_byte(s_client(cable, where, '-tls1_2'))
    told = tls_of(evse)
    assert (told['handshakes'], told['refused']) == (1, 0), told
    car.stop()
    evse.stop()


def case_flood(cable, options):
    """Fifty connections that say nothing, from the car's own address: the true car is served before it gives up, over TLS and plain."""
    folder, evse, car = start(cable, options)
    where = car.sdp(TLS)
    told = car.connect_many('silent', 50, where['address'], where['port'])
    assert told['open'] >= 1, told
    ev = Ev(cable, options, '--tls', **{'tls.v2g_roots': folder / 'iso2/certs/v2groot.pem', 'tls.versions': '1.2'})
    assert 'peer DEABCE0001' in ev.ends(NO_PROTOCOL)
    assert 'DEADLINE' in wait_said(evse, 'tls_refused', 1)
    again(evse)
    where = car.sdp(TLS)
    car.connect_many('more', 50, where['address'], where['port'])
    assert 'CHARGED (' in Ev(cable, options).ends(0)
    assert evse.control.do('status')['late_ms_max'] < 100, evse.control.do('status')
    car.stop()
    evse.stop()


def case_aborts(cable, options):
    """Handshakes that end at every point, one after another: each is counted, and the next one is served at once."""
    folder, evse, car = start(cable, options)
    where = car.sdp(TLS)
    hello = car.hello()
    openings = ['', '16', hello[:80], hello, hello + hello, '1503010002022a', '15030300020100', '00' * 40, 'FF' * 2000,
                '474554202f20485454502f312e310d0a0d0a', '01FE8001' + '00000010' + '80' * 16, '1603010000' * 50]
    count = 0
    for how in ('close', 'reset'):
        for octets in openings:
            evse.watch.until('it listens', lambda status: status['tls']['listening'])
            assert car.connect('one', where['address'], where['port']) == 'open', (how, octets[:60])
            if octets:
                car.send('one', octets)
            car.drop('one', how)
            count += 1
            evse.watch.until('it has ended', lambda status, count=count: status['tls']['refused'] + status['tls']['ended'] >= count)
    told = tls_of(evse)
    assert (told['handshakes'], told['refused']) == (0, count), told
    good_car(cable, where, folder)
    assert tls_of(evse)['handshakes'] == 1
    assert evse.control.do('stats')['v2gtp_malformed'] == 0
    car.stop()
    evse.stop()


def case_replay(cable, options):
    """All that a car has sent over TLS, once more: it ends in the handshake, and no octet of it is taken for a message."""
    folder, evse, car = start(cable, options)
    where = car.sdp(TLS)
    message = '01FE8001' + f"{len(SAP['exi']) // 2:08X}" + SAP['exi']
    assert car.connect('first', where['address'], where['port']) == 'open'
    first = car.tls('first', folder / 'iso2/certs/v2groot.pem', message)
    assert first['answer'].upper().startswith('01FE8001'), first
    car.drop('first')
    evse.record(1)
    before = evse.control.do('stats')
    again(evse)
    where = car.sdp(TLS)
    assert car.connect('second', where['address'], where['port']) == 'open'
    car.send('second', first['sent'])
    told = car.hear('second')
    assert told['end'] in GONE and '01fe8001' not in told['octets'], told
    wait_said(evse, 'tls_refused', 1)
    after = evse.control.do('stats')
    watched = ('requests', 'exi_malformed', 'v2gtp_malformed', 'sessions')
    assert [after[name] for name in watched] == [before[name] for name in watched], (before, after)
    assert len(evse.records()) == 1, evse.records()
    good_car(cable, where, folder)
    car.stop()
    evse.stop()


def case_records(cable, options):
    """Records and messages larger than any, and more of them than the budget has room for: refused, and the next car is served."""
    folder, evse, car = start(cable, options)
    where = car.sdp(TLS)
    filling = 'AB' * 70000
    for number, octets in enumerate((f'160301FFFF{filling}', f'1603014001{filling}', f'1603014000' + '01003FFC' + filling,
                                     '16030140000' + '1FFFFFF' + filling, ('1603010004' + '01FFFFFF') * 9000, ('160301000101') * 9000,
                                     car.hello() + ('1403030001' + '01') * 9000)):
        evse.watch.until('it listens', lambda status: status['tls']['listening'])
        assert car.connect('huge', where['address'], where['port']) == 'open'
        car.send('huge', octets)
        assert car.hear('huge')['end'] in GONE, octets[:40]
        wait_said(evse, 'tls_refused', number + 1)
        car.drop('huge')
    evse.watch.until('it listens', lambda status: status['tls']['listening'])
    good_car(cable, where, folder)
    assert (tls_of(evse)['handshakes'], tls_of(evse)['refused']) == (1, 7), tls_of(evse)
    car.stop()
    evse.stop()


def case_plain_port(cable, options):
    """Where TLS is required, who knows the port of plain TCP finds it shut."""
    folder, evse, car = start(cable, options, **{'evse.tls': 'require'})
    where = car.sdp(TLS)
    status = evse.control.do('status')
    assert where['tls'] and not status['listening'], (where, status)
    assert car.connect('plain', where['address'], status['tcp_port']) == 'refused'
    good_car(cable, where, folder)
    car.stop()
    evse.stop()


def case_octets(cable, options):
    """A ClientHello octet by octet, each in a segment of its own, is one like any other."""
    _, evse, car = start(cable, options)
    where = car.sdp(TLS)
    assert car.connect('slow', where['address'], where['port']) == 'open'
    assert car.send('slow', car.hello(), 1)
    told = car.hear('slow', 1)
    assert told['octets'].startswith('160303') and told['end'] == 'open', told
    car.drop('slow')
    wait_said(evse, 'tls_refused', 1)
    car.stop()
    evse.stop()


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('openssl', 'openssl')]))
