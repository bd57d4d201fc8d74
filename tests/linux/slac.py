#!/usr/bin/env python3
"""SLAC from the plug to the charge, over a power line of modelled modems, in network namespaces that end with the test.

    slac.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Exit: 0 as it should be, 1 not, 77 namespaces are not to be had here (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import signal
import subprocess
import sys
import time

import cases
from world import HERE, Control, Ev, Evse, pair, peer, peers, site, CHARGE_S

LINUX = ('--modem', 'linux')
UNPLUGGED = 32


def json_lines_of(command):
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def evse_on(cable, options, **settings):
    return Evse(cable, options, *LINUX, side='se1', interface='se1', **settings)


def ev_on(cable, options, *words, side='ev1', **settings):
    return Ev(cable, options, *LINUX, *words, side=side, interface=side, **settings)


def judge_capture(options, path):
    """The capture tells the whole story on one clock: pilot, match without its key, SDP, messages, power."""
    lines = json_lines_of([options.bin / 'ccs-dump', 'pcap', '--json', path])
    messages = [line.get('message', '') for line in lines]
    stamps = [line['time'] for line in lines]
    assert stamps == sorted(stamps), 'not one clock'
    for message in ('CM_SLAC_PARM.REQ', 'CM_SLAC_MATCH.CNF', 'SDP request', 'CurrentDemandReq', 'SessionStopRes'):
        assert message in messages, f'{message} is not in {sorted(set(messages))}'
    power = [line for line in lines if line['kind'] == 'note' and 'cp' in line]
    assert any(note['cp'] == 'B' and note['duty'] == '5%' and note['main'] == 'open' for note in power), power
    assert any(note['phase'] == 'LIVE' and note['main'] == 'closed' and note['mA'] > 5000 and note['cp'] == 'C' for note in power), power
    keys = [line['nmk'] for line in lines if 'nmk' in line]
    assert keys and set(keys) == {'00' * 16}, 'the key is told'


def case_match(options):
    """Plug, 5 %, match, a fresh key, link, SDP, a whole charge; twice, with another key; IPv6 passes only in between."""
    with site('ev1', 'se1') as cable:
        evse = evse_on(cable, options)
        evse.watch.until('the modem has its key', lambda s: s['slac']['ready'])
        assert peer(cable, 'ev1', 'sdp', 'ev1', '3')['answer'] is None
        ev = ev_on(cable, options, '--sessions', '2')
        status = evse.live()
        assert status['slac']['matched'] and status['slac']['link'] and status['slac']['mac'] == '020000000101', status['slac']
        assert 10 <= status['slac']['attenuation_dB'] <= 14, status['slac']
        ev.ends(0, 2 * CHARGE_S)
        assert [evse.record(n)['reason'] for n in (1, 2)] == ['COMPLETED'] * 2
        evse.watch.until('left', lambda s: not s['slac']['matched'], 10)
        assert cable.line.text().count('link ev1 se1') == 2, cable.line.text()
        assert peer(cable, 'ev1', 'sdp', 'ev1', '3')['answer'] is None
        assert evse.control.do('stats')['slac_matches'] == 2
        evse.stop()
        for record in evse.records():
            assert record['car_mac'] == '020000000101' and len(record['run_id']) == 16, record
            judge_capture(options, record['capture'])


def address_of(cable, host):
    return cable.run(host, ['ip', '-6', '-o', 'address', 'show', 'dev', host, 'scope', 'link']).stdout.split()[3].split('/')[0]


def case_neighbour(options):
    """A neighbour with every key: no SDP answer, no answer to a SYN; its forged advertisements and a replayed match change nothing."""
    with site('ev1', 'se1', 'xx1') as cable:
        evse = evse_on(cable, options)
        heard = cable.folder / 'heard'
        spy = cable.start('xx1', [sys.executable, '-B', HERE / 'peer.py', 'record', 'xx1', heard], 'spy.log')
        assert spy.wait_text('listening', 10)
        ev = ev_on(cable, options, **{'battery.duration_stop_ms': 60000, 'car.loop_ms': 50})
        port = str(evse.live()['tcp_port'])
        spy.stop()
        charger, car = address_of(cable, 'se1'), address_of(cable, 'ev1')
        before = evse.control.do('stats')
        assert peer(cable, 'xx1', 'connect', 'xx1', charger, port)['result'] in ('refused', 'silent')
        assert peer(cable, 'xx1', 'sdp', 'xx1', '3')['answer'] is None
        assert peer(cable, 'xx1', 'advertise', 'xx1', car, '020000000102')['told']
        assert peer(cable, 'xx1', 'replay', 'xx1', str(heard))['sent'] > 15
        assert peer(cable, 'ev1', 'connect', 'ev1', charger, port)['result'] in ('refused', 'reset', 'closed'), 'a second client of the car'
        after = evse.control.do('stats')
        assert after['slac_strangers'] > before['slac_strangers'] and after['slac_matches'] == 1, after
        status = evse.watch.until('still charging', lambda s: s['phase'] == 'LIVE' and s['mA'] > 5000, 2)
        assert status['slac']['mac'] == '020000000101' and status['slac']['link'], status['slac']
        time.sleep(1.5)  # longer than the lease: the answers still reach the car
        evse.live()
        evse.control.do('stop')
        assert 'STOPPED_BY_CHARGER' in ev.ends(0)
        assert [record['reason'] for record in evse.records()] == ['STOPPED_USER']
        evse.stop()


def case_before_sdp(options):
    """The listener opens only after the own car's SDP: before, a neighbour's SYN is refused by the system, and its SDP is not answered."""
    with site('ev1', 'se1', 'xx1') as cable:
        evse = evse_on(cable, options, **{'sim.plugged': 'on'})
        status = evse.watch.until('matching', lambda s: s['slac']['state'] == 'MATCHING')
        assert not status['listening']
        charger = address_of(cable, 'se1')
        assert peer(cable, 'xx1', 'connect', 'xx1', charger, str(status['tcp_port']))['result'] == 'refused'
        assert peer(cable, 'xx1', 'sdp', 'xx1', '3')['answer'] is None
        ev_on(cable, options).ends(0)
        assert evse.record()['reason'] == 'COMPLETED'
        evse.stop()


def case_two_outlets(options):
    """Two cars with the same RunID at two outlets of one process; what happens at one never touches the other."""
    tesla = {'slac.run_id': '5445534C41204556', 'battery.duration_stop_ms': 60000}
    with site('ev1', 'se1', 'ev2', 'se2@se1') as cable:
        evse = evse_on(cable, options, **{'outlet.2.interface': 'se2', 'outlet.2.modem': 'linux'})
        cars = [ev_on(cable, options, side=f'ev{n}', **tesla) for n in (1, 2)]

        def outlets(status):
            return status['outlets']

        def charging(status, number):
            outlet = outlets(status)[number - 1]
            return outlet['phase'] == 'LIVE' and outlet['mA'] > 5000
        status = evse.watch.until('both charge', lambda s: charging(s, 1) and charging(s, 2))
        macs = [outlet['slac']['mac'] for outlet in outlets(status)]
        runs = [outlet['slac']['run_id'] for outlet in outlets(status)]
        assert macs == ['020000000101', '020000000103'] and runs == ['5445534C41204556'] * 2, (macs, runs)
        assert 'error' in evse.control.ask('stop') and 'error' in evse.control.ask('outlet 3 stop')
        evse.control.do('outlet 1 sim emergency')
        evse.watch.until('outlet 1 is off', lambda s: outlets(s)[0]['phase'] in ('FAULT', 'OFF') and outlets(s)[0]['mA'] == 0, 5)
        for _ in range(50):
            assert charging(evse.watch.line(), 2), 'outlet 2 was touched'
        evse.watch.until('its record', lambda _: len(evse.records()) == 1, 20)
        assert (evse.records()[0]['outlet'], evse.records()[0]['reason']) == (1, 'EMERGENCY'), evse.records()
        assert cars[0].process.wait(CHARGE_S) is not None
        evse.control.do('outlet 2 stop')
        cars[1].ends(0)
        evse.watch.until('its record', lambda _: len(evse.records()) == 2, 20)
        assert (evse.records()[1]['outlet'], evse.records()[1]['reason']) == (2, 'STOPPED_USER'), evse.records()
        captures = [record['capture'] for record in evse.records()]
        assert 'outlet1' in captures[0] and 'outlet2' in captures[1], captures
        evse.stop()


def case_spi_model(options):
    """A modelled QCA7000 behind the driver on both sides, the interface its power line: match, a whole charge, twice."""
    with pair() as cable:
        evse = Evse(cable, options, '--modem', 'spi-model')
        evse.watch.until('the modem has its key', lambda s: s['slac']['ready'])
        ev = Ev(cable, options, '--modem', 'spi-model', '--sessions', '2')
        status = evse.live()
        assert status['slac']['matched'] and status['slac']['link'] and status['slac']['mac'] == '020000000001', status['slac']
        ev.ends(0, 2 * CHARGE_S)
        assert [evse.record(n)['reason'] for n in (1, 2)] == ['COMPLETED'] * 2
        evse.watch.until('left', lambda s: not s['slac']['matched'], 10)
        assert evse.control.do('stats')['slac_matches'] == 2
        evse.stop()
        judge_capture(options, evse.records()[0]['capture'])


def case_modem_reset(options):
    """The charger's modem resets itself while it charges: off, the record says that the link was lost, and the car matches anew."""
    with pair() as cable:
        evse = Evse(cable, options, '--modem', 'spi-model')
        ev = Ev(cable, options, '--modem', 'spi-model', '--control', cable.folder / 'ev.sock',
                **{'battery.duration_stop_ms': 60000, 'run.again': '3'})
        evse.live()
        evse.control.do('modem reset')
        record = evse.record(1)
        assert record['reason'] == 'LINK_LOST', record
        evse.at_rest()
        evse.live()
        assert evse.process.text().count('modem_lost') == 1 and evse.control.do('stats')['slac_matches'] == 2
        Control(cable.folder / 'ev.sock').do('stop')
        ev.process.wait(CHARGE_S)
        assert evse.record(2)['reason'] == 'COMPLETED', evse.record(2)
        evse.stop()


def case_interface_down(options):
    """The interface of a bridged modem goes down while it charges, and comes back: off, a record, and the next car matches."""
    with site('ev1', 'se1') as cable:
        evse = evse_on(cable, options)
        ev = ev_on(cable, options, **{'battery.duration_stop_ms': 60000})
        evse.live()
        cable.run('se1', ['ip', 'link', 'set', 'se1', 'down'])
        evse.watch.until('seen', lambda s: not s['network'] and not s['slac']['ready'], 2)
        assert evse.record(1)['reason'] == 'LINK_LOST', evse.record(1)
        evse.at_rest()
        assert ev.process.wait(CHARGE_S) not in (0, None)
        cable.run('se1', ['ip', 'link', 'set', 'se1', 'up'])
        evse.watch.until('back', lambda s: s['network'] and s['slac']['ready'], 10)
        ev_on(cable, options).ends(0)
        assert evse.record(2)['reason'] == 'COMPLETED', evse.record(2)
        evse.stop()


def ini(cable, program):
    """The settings of Debian's pev or evse: as it prints them, but the link lasts as long as the test."""
    lines = subprocess.run([program, '-c'], capture_output=True, text=True, check=True).stdout.splitlines()
    changed = {'settle time': 'settle time = 1', 'charge time': 'charge time = 600'}
    file = cable.folder / f'{program}.ini'
    file.write_text('\n'.join(changed.get(line.split(' = ')[0], line) for line in lines) + '\n')
    return file


def pev_on(cable):
    """Debian's pev at the modem of ev1, until its modem has joined."""
    peers.need(('pev', 'plc-utils-extra'))
    pev = cable.start('ev1', ['pev', '-i', 'ev1', '-p', ini(cable, 'pev')], 'pev.log')
    assert cable.line.wait_text('^link ev1 se1', 20), pev.text()
    return pev


def case_pev(options):
    """Debian's pev matches our charger; IPv6 passes only then. The listener lets that car in, and is silent to its neighbour."""
    with site('ev1', 'se1', 'xx1') as cable:
        evse = evse_on(cable, options)
        evse.watch.until('the modem has its key', lambda s: s['slac']['ready'])
        assert peer(cable, 'ev1', 'sdp', 'ev1', '3')['answer'] is None
        pev_on(cable)
        evse.watch.until('matched', lambda s: s['slac']['matched'] and s['slac']['mac'] == '020000000101', 10)
        charger = address_of(cable, 'se1')
        assert peer(cable, 'xx1', 'sdp', 'xx1', '3')['answer'] is None
        assert not evse.watch.line()['listening']
        answer = peer(cable, 'ev1', 'sdp', 'ev1', '20')
        assert answer['answer'] and answer['address'] == charger, answer
        assert evse.watch.until('open', lambda s: s['listening'], 2)['slac']['link']
        port = str(answer['port'])
        assert peer(cable, 'xx1', 'connect', 'xx1', charger, port)['result'] == 'silent'
        assert peer(cable, 'ev1', 'connect', 'ev1', charger, port)['result'] == 'open'
        evse.stop()


def case_evse(options):
    """Debian's evse is matched by our car; our charger behind the same modem, to which the link is given, charges it."""
    peers.need(('evse', 'plc-utils-extra'))
    with site('ev1', 'se1') as cable:
        foreign = cable.start('se1', ['evse', '-l', '-i', 'se1', '-p', ini(cable, 'evse')], 'foreign.log')
        assert cable.line.wait_text('^key se1', 20), foreign.text()
        evse = Evse(cable, options, side='se1', interface='se1')
        ev = ev_on(cable, options)
        evse.live()
        assert cable.line.wait_text('^link ev1 se1', 1)
        ev.ends(0)
        assert evse.record()['reason'] == 'COMPLETED'
        evse.stop()


def case_josev(options):
    """Josev's EV charges after a real match: pev is its modem's hands, our charger the other side."""
    python, script = peers.josev(), HERE.parent / 'josev/josev_ev.py'
    with site('ev1', 'se1') as cable:
        evse = evse_on(cable, options)
        evse.watch.until('the modem has its key', lambda s: s['slac']['ready'])
        pev_on(cable)
        car = cable.start('ev1', [python, script, '--limit', CHARGE_S], 'josev.log', NETWORK_INTERFACE='ev1', PROTOCOLS='DIN_SPEC_70121',
                          AUTH_MODES='EIM', JAVA_TOOL_OPTIONS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m', LOG_LEVEL='INFO',
                          MESSAGE_LOG_JSON='True', PYTHONUNBUFFERED='1', PYTHONDONTWRITEBYTECODE='1', PKI_PATH=str(cable.folder))
        evse.live()
        record = evse.record()
        assert record['reason'] == 'COMPLETED' and record['mA_max'] > 5000, record
        assert car.wait(CHARGE_S) == 0, car.text()
        evse.stop()


# Where the process is killed: what the status shows then, and whether a session was on its way.
KILLS = {
    'matching': (lambda s: s['slac']['state'] == 'MATCHING', False),
    'joined': (lambda s: s['slac']['link'] and not s['running'], False),
    'test': (lambda s: s['phase'] == 'TEST' and s['mV'] > 60000, True),
    'precharge': (lambda s: s['phase'] == 'PRECHARGE', True),
    'live': (lambda s: s['phase'] == 'LIVE' and s['mA'] > 5000 and s['energy_Wh'] > 0, True),
    'ending': (lambda s: s['phase'] in ('RAMP', 'DISCHARGE', 'WELD'), True),
}


def restart_watch(evse, begin_s):
    """From the start until the car is offered 5 % again: nothing closes, and the pilot shows F or +12 V for at least 4 s."""
    shown = []
    while True:
        status = evse.watch.line()
        assert status and status['main_closed'] in (0, None) and status['phase'] in ('OFF', 'FAULT'), status
        assert time.monotonic() - begin_s < 30, status
        shown.append((status['ms'], status['pilot_drive'], status['mV']))
        if status['pilot_drive'] == '5%':
            break
    negative = [at for at, (_, drive, _) in enumerate(shown) if drive == 'negative']
    assert negative, shown
    # A slow disk holds the status lines up, not the pilot: it changed between two of them.
    before_ms = shown[negative[0] - 1][0] if negative[0] else 1000 * begin_s
    after_ms = shown[negative[-1] + 1][0]
    assert after_ms - before_ms >= 4000, shown
    dead = next(at for at, (_, _, mV) in enumerate(shown) if mV < 60000)
    assert negative[0] >= dead, 'the pilot called the car while the output was alive'


def kill_in(options, phase):
    """kill -9, start again with the car plugged in: closed nothing, below 60 V first, E/F, a new match with a new key, one record."""
    reached, session = KILLS[phase]
    stop = {'battery.duration_stop_ms': 1500 if phase == 'ending' else 60000}
    with site('ev1', 'se1') as cable:
        evse = evse_on(cable, options)
        ev = ev_on(cable, options, '--control', cable.folder / 'ev.sock', **{'run.again': '5', **stop})
        evse.watch.until(phase, reached)
        if phase == 'live':
            time.sleep(1.2)  # the record on the disk is at most a second old
        evse.process.signal(signal.SIGKILL)
        evse.process.wait(5)
        links = cable.line.text().count('link ev1 se1')
        energised = phase in ('test', 'precharge', 'live')
        begin_s = time.monotonic()
        again = evse_on(cable, options, **({'sim.output_mV': '350000'} if energised else {}))
        restart_watch(again, begin_s)
        again.live()
        assert cable.line.text().count('link ev1 se1') == links + 1, cable.line.text()
        if session:
            first = again.record(1)
            assert first['reason'] == 'INTERRUPTED' and first['protocol'] == 'DIN 70121' and first['last_request'], first
            assert phase != 'live' or (first['metered'] and first['end_Wh'] > first['begin_Wh'] and first['mA_max'] > 5000), first
            assert pathlib.Path(first['capture']).exists(), first
        Control(cable.folder / 'ev.sock').do('stop')
        ev.process.wait(CHARGE_S)
        last = again.record(2 if session else 1)
        assert last['reason'] == 'COMPLETED', last
        assert not list(again.state.glob('*.running'))
        again.stop()
        assert len(again.records()) == (2 if session else 1), again.records()


def restart_case(phase):
    def case(options):
        kill_in(options, phase)
    case.__doc__ = f'{kill_in.__doc__} ({phase})'
    return case


for _phase in KILLS:
    globals()[f'case_restart_{_phase}'] = restart_case(_phase)


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [], lambda case, options: case(options)))
