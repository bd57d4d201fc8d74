#!/usr/bin/env python3
"""ccs-evse, ccs-ev and ccsctl over real sockets, in two network namespaces that end with the test.

    programs.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Waits are for events (lines of `watch`, ends of processes), each with a limit. Exit: 0 as it should be, 1 not, 77 namespaces are not
to be had here (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import cases
from world import HERE, Control, Ev, Evse, Watch, blocks, json_lines, peer, peers, CHARGE_S

# Exit codes, as the man pages tell them.
USAGE, CONFIG, INTERFACE, NO_ADDRESS, SECOND, NO_RIGHT, ABSENT, HARDWARE, BUSY, STORAGE = range(2, 12)
NO_SDP_ANSWER, REFUSED, LINK_LOST, CAR_FAULT, UNPLUGGED = 23, 26, 30, 31, 32


def case_charge(cable, options):
    """Two charges in one process, the connector pulled in between; every file that they leave."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, '--sessions', '2', '--plug', evse.path, '--capture', cable.folder / 'ev.pcapng', **{'run.pause_ms': 1000})
    text = ev.ends(0, 2 * CHARGE_S)
    second = evse.record(2)
    first = evse.record(1)
    assert text.count('CHARGED (') == 2, text
    for record in (first, second):
        assert record['reason'] == 'COMPLETED' and record['why'] == 'NONE' and record['protocol'] == 'DIN 70121', record
        assert record['metered'] and record['end_Wh'] >= record['begin_Wh'] and record['meter_id'] == 'CCS-METER-1', record
        assert record['last_request'] == 'SessionStopReq' and record['hal'] == 'sim' and record['mA_max'] > 5000, record
        packets = blocks(record['capture'])
        assert sum(kind == 6 for kind, _ in packets) > 50, record['capture']
    assert first['capture'] != second['capture'] and first['session_id'] != second['session_id']
    assert b'hal sim' in pathlib.Path(first['capture']).read_bytes(), 'the capture does not say whose hardware it was'
    blocks(cable.folder / 'ev.pcapng')
    evse.at_rest()
    evse.stop()
    for record in (first, second):
        reason = f"session {record['session']}: COMPLETED".encode()
        assert any(reason in body for _, body in blocks(record['capture'])[-5:]), 'the capture does not tell the reason'
    log = json_lines(evse.json_log)
    assert [line['text'].split()[2] for line in log if line['event'] == 'session_end'] == ['COMPLETED', 'COMPLETED'], 'nor the log'
    bodies = [line['message']['V2G_Message']['Body'] for line in log if 'V2G_Message' in line.get('message', {})]
    assert any('EVTargetCurrent' in body.get('CurrentDemandReq', {}) for body in bodies), 'messages are not decoded'
    assert any('EVSEPresentVoltage' in body.get('CurrentDemandRes', {}) for body in bodies), 'answers are not decoded'
    phases = [line['phase'] for line in log if line['room'] == 'guard' and line['phase'] in ('TEST', 'PRECHARGE', 'LIVE')]
    assert [now for now, before in zip(phases, [None, *phases]) if now != before] == ['TEST', 'PRECHARGE', 'LIVE'] * 2, phases
    assert 'hal sim' in log[0]['text'], log[0]
    assert not evse.path.exists(), 'the control socket stays behind'


def case_minimal(cable, options):
    """The smallest charger of the README charges a car."""
    charger = cable.start('se', [options.bin / 'secc_minimal', 'se0'], 'minimal.log')
    assert 'CHARGED (' in Ev(cable, options).ends(0)
    assert charger.wait_text(r'session 1: \d+ Wh, the car ended the session in order', 10)


def case_one_write(cable, options):
    """Header and payload of every message leave in one segment, both ways, and the connection ends by FIN, not by RST."""
    evse = Evse(cable, options)
    tap = cable.start('se', [sys.executable, '-B', HERE / 'peer.py', 'wire', 'se0'], 'wire.log')
    assert tap.wait_text('listening', 10)
    Ev(cable, options).ends(0)
    assert evse.record()['reason'] == 'COMPLETED'
    evse.stop()
    tap.child.terminate()
    counts = json.loads(tap.wait_text(r'^\{.*\}$', 10).group(0))
    assert counts['whole'] > 100 and counts['other'] == 0 and counts['fin'] == 2 and counts['rst'] == 0, counts


def case_sigterm(cable, options):
    """SIGTERM while it charges: the charge ends in order, the record says so, exit 0."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    evse.stop(0)
    records = evse.records()
    assert [record['reason'] for record in records] == ['STOPPED_SERVICE'], records
    assert 'STOPPED_BY_CHARGER' in ev.ends(0)


def case_car_sigterm(cable, options):
    """SIGTERM at the car while it charges: the charge ends in order, exit 0. A second one pulls the connector: at once, and on record."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    ev.process.child.terminate()
    assert 'CHARGED (' in ev.ends(0)
    assert evse.record(1)['reason'] == 'COMPLETED'
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A', 20)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    ev.process.child.terminate()
    ev.process.child.send_signal(signal.SIGINT)
    ev.ends(UNPLUGGED)
    assert evse.record(2)['reason'] == 'UNPLUGGED', evse.record(2)
    evse.at_rest()
    evse.stop()


def case_emergency(cable, options):
    """A second signal is an emergency stop: off at once, safe, exit 0."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000, 'car.habits': 'keeps-c'})
    evse.live()
    evse.process.child.terminate()
    evse.process.child.send_signal(signal.SIGINT)
    assert evse.process.wait(20) == 0
    records = evse.records()
    assert [record['reason'] for record in records] == ['EMERGENCY'], records
    ev.process.wait(CHARGE_S)


def refused(cable, options, code, *words, program='ccs-evse', side='se', interface='se0', says=None):
    """Runs a program that must end at once with this code and one clear line."""
    state = ['--set', f'site.state={cable.folder}/other'] if program == 'ccs-evse' else []
    control = ['--control', cable.folder / 'other.sock'] if program == 'ccs-evse' else []
    named = ['--interface', interface] if interface else []
    run = cable.run(side, [options.bin / program, *named, *state, *control, *words], 20)
    lines = [line for line in run.stdout.splitlines() if line.startswith(program + ':')]
    assert run.returncode == code, f'{words}: {run.returncode} instead of {code}\n{run.stdout}'
    assert len(lines) == 1 and (says is None or says in lines[0]), f'{words}: {run.stdout}'
    return lines[0]


def case_start_errors(cable, options):
    """What is wrong with the machine is one clear line and an exit code of its own."""
    evse = Evse(cable, options)
    refused(cable, options, SECOND, says="'se0' is already served")
    refused(cable, options, SECOND, '--set', f'site.state={evse.state}', interface='lo', says='is used by another daemon')
    refused(cable, options, INTERFACE, interface='nosuch0', says="'nosuch0' does not exist")
    refused(cable, options, INTERFACE, program='ccs-ev', side='ev', interface='nosuch0')
    refused(cable, options, USAGE, interface=None)
    port = evse.watch.line()['tcp_port']
    evse.stop()
    cable.run('se', ['ip', 'link', 'add', 'silent0', 'type', 'veth', 'peer', 'name', 'silent1'])
    refused(cable, options, INTERFACE, interface='silent0', says="'silent0' is down")
    cable.run('se', ['ip', 'link', 'set', 'silent0', 'addrgenmode', 'none', 'up'])
    refused(cable, options, NO_ADDRESS, interface='silent0', says='no IPv6 link-local address')
    refused(cable, options, HARDWARE, '--hal', cable.folder / 'nosuch.so')
    refused(cable, options, HARDWARE, '--hal', 'nosuch', says="neither 'sim', 'control' nor a path")
    refused(cable, options, STORAGE, '--log-json', cable.folder)
    refused(cable, options, STORAGE, '--set', 'site.state=/proc/ccs')
    assert 49152 <= port <= 65535, port
    taker = cable.start('se', [sys.executable, '-c', 'import socket,time\nwith socket.create_server(("::", 50000), family=socket.AF_INET6) as s:'
                                                     ' print("ready", flush=True); time.sleep(60)'], 'taker.log')
    assert taker.wait_text('ready', 10)
    refused(cable, options, BUSY, '--set', 'evse.port=50000', says='50000')
    taker.stop()


def case_config_errors(cable, options):
    """What is wrong with the configuration is told with file and line."""
    file = cable.folder / 'charger.conf'
    cases = [
        ('[site]\nauthorize = perhaps\n', CONFIG, f"{file}:2: [site] authorize: 'perhaps'"),
        ('# a comment\n\n[site]\n  autorize = ask\n', CONFIG, f"{file}:4: unknown key 'autorize' in [site]"),
        ('[sight]\nauthorize = ask\n', CONFIG, f'{file}:1: unknown section [sight]'),
        ('[evse]\npace = Foo:20\n', CONFIG, f"{file}:2: [evse] pace: 'Foo:20'"),
        ('[outlet.0]\n', CONFIG, f'{file}:1: unknown section [outlet.0]'),
        ('[outlet.2]\n', USAGE, 'interface of [outlet.2] is needed'),
        ('[evse]\nprotocols = din, iso2\n', ABSENT, f"{file}:2: [evse] protocols: 'iso2' is not in this release"),
        ('[evse]\nport = 70000\n', CONFIG, '0 .. 65535'),
        ('[evse]\nwhatever\n', CONFIG, f'{file}:2: '),
        ('[outlet.1]\nevse_id = 12*34\n', CONFIG, 'evse_id'),
    ]
    for text, code, says in cases:
        file.write_text(text)
        refused(cable, options, code, '--config', file, says=says)
    refused(cable, options, CONFIG, '--config', cable.folder / 'nosuch.conf', says='nosuch.conf: No such file')
    refused(cable, options, CONFIG, '--set', 'nosuch=1', says="unknown key 'nosuch'")
    refused(cable, options, CONFIG, '--set', 'evse.tls=require', says='needs [pki] store')
    refused(cable, options, USAGE, '--nosuch')
    refused(cable, options, ABSENT, '--protocol', 'iso20', program='ccs-ev', side='ev', interface='ev0')
    refused(cable, options, CONFIG, '--misbehave', 'DANCE@SessionSetupReq', program='ccs-ev', side='ev', interface='ev0')
    refused(cable, options, CONFIG, '--preset', 'trabant', program='ccs-ev', side='ev', interface='ev0')


def case_rights(cable, options):
    """Without root it runs, and says once that the guard has no real-time priority; what it may not do is exit code 7."""
    home = cable.folder / 'nobody'
    home.mkdir()
    os.chown(home, 65534, 65534)
    cable.folder.chmod(0o755)
    if options.bin.stat().st_mode & 0o005 != 0o005 or not all(p.stat().st_mode & 1 for p in options.bin.resolve().parents):
        raise peers.Missing(f'{options.bin} is not to be reached by a user without rights')
    nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', options.bin / 'ccs-evse', '--interface', 'se0', '--set',
              f'site.state={home}', '--control', home / 'evse.sock']
    run = cable.run('se', [*nobody, '--set', 'evse.port=443'], 20)
    assert run.returncode == NO_RIGHT and run.stdout.startswith('ccs-evse: TCP port 443: Permission denied'), run.stdout
    run = cable.run('se', [*nobody, '--modem', 'linux'], 20)
    assert run.returncode == NO_RIGHT and 'needs CAP_NET_RAW' in run.stdout, run.stdout
    run = cable.run('se', [*nobody, '--modem', 'spi-model'], 20)
    assert run.returncode == NO_RIGHT and 'modelled modem on se0' in run.stdout, run.stdout
    locked = cable.folder / 'locked'
    locked.mkdir(0o700)
    run = cable.run('se', [*nobody, '--set', f'site.state={locked}/state'], 20)
    assert run.returncode == NO_RIGHT and 'Permission denied' in run.stdout, run.stdout
    process = cable.start('se', nobody, 'nobody.log')
    control = Control(home / 'evse.sock')
    assert control.do('status')['phase'] == 'OFF'
    assert process.text().count('no_real_time') == 1, process.text()
    process.child.terminate()
    assert process.wait(10) == 0


def case_second_client(cable, options):
    """A second connection while a car charges is refused, and costs that car nothing."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 3000})
    status = evse.live()
    address = cable.run('se', ['ip', '-6', '-o', 'address', 'show', 'dev', 'se0', 'scope', 'link']).stdout.split()[3].split('/')[0]
    for _ in range(3):
        answer = peer(cable, 'ev', 'connect', 'ev0', address, str(status['tcp_port']))
        assert answer['result'] in ('refused', 'reset', 'closed'), answer
    ev.ends(0)
    assert evse.record()['reason'] == 'COMPLETED'
    evse.stop()


def case_silent_after_setup(cable, options):
    """[V2G2-723] After the communication setup time SDP is silent and TCP refused; pulling the connector begins anew."""
    evse = Evse(cable, options, **{'sim.plugged': 'on', 'evse.setup_ms': 1500})
    evse.watch.until('plugged', lambda s: s['pilot'] == 'B' and s['listening'])
    first = peer(cable, 'ev', 'sdp', 'ev0', '10')
    assert first['answer'] and first['answer'].startswith('01fe9001') and first['from'] == first['address'], first
    assert first['port'] == evse.watch.line()['tcp_port'], first
    evse.watch.until('the time is over', lambda s: not s['listening'], 10)
    assert peer(cable, 'ev', 'sdp', 'ev0', '3')['answer'] is None
    assert peer(cable, 'ev', 'connect', 'ev0', first['address'], str(first['port']))['result'] == 'refused'
    assert evse.control.do('stats')['sdp_late'] >= 3
    evse.control.do('sim replug')
    evse.watch.until('plugged anew', lambda s: s['pilot'] == 'B' and s['listening'], 10)
    assert peer(cable, 'ev', 'sdp', 'ev0', '10')['answer']
    evse.stop()


def case_control_lines(cable, options):
    """Every bad line gets an error and does nothing; every command of `help` is there; clients beyond the limit are sent away."""
    evse = Evse(cable, options)
    control = evse.control
    for line in ('', '   ', 'nosuch', 'stop now', 'watch 1', 'watch x', 'limits mV=-1', 'limits mA=99999999', 'limits nonsense',
                 'limits reason=' + 24 * 'x', 'modem', 'modem reset', 'sim nosuch',
                 'sim isolation', 'sim isolation x', 'sim weld perhaps', 'sample pilot_high_mV=1', 'x' * 1000, 'y ' * 100, '\x01\x02'):
        assert 'error' in control.ask(line), line
    control.socket.sendall(b'z' * 5000 + b'\nstatus\n')
    assert control.line() == {'error': 'line too long'}
    assert control.line()['phase'] == 'OFF'
    names = [row['command'] for row in control.do('help')['commands']]
    assert names == ['status', 'watch', 'authorize', 'deny', 'stop', 'limits', 'reset', 'sessions', 'stats', 'pki', 'ocsp', 'sim', 'modem',
                     'sample'], names
    others = [Control(evse.path) for _ in range(6)]
    assert 'error' in Control(evse.path).line()
    for other in others:
        other.close()
    told = subprocess.run([options.bin / 'ccsctl', '--socket', evse.path, 'limits', 'mA=10000'], capture_output=True, text=True, timeout=10)
    assert told.returncode == 0 and '"mA":10000' in told.stdout, told
    told = subprocess.run([options.bin / 'ccsctl', '--socket', evse.path, 'nosuch'], capture_output=True, text=True, timeout=10)
    assert told.returncode == 1 and 'error' in told.stdout, told
    told = subprocess.run([options.bin / 'ccsctl', '--socket', cable.folder / 'nosuch', 'status'], capture_output=True, text=True, timeout=10)
    assert told.returncode == 3 and told.stdout == '', told
    evse.stop()


def case_slow_reader(cable, options):
    """A client that watches and never reads costs the charge nothing."""
    evse = Evse(cable, options)
    lazy = Watch(evse.path)  # asks for a line every 20 ms, reads none
    flood = Control(evse.path)
    flood.socket.setblocking(False)
    try:
        for _ in range(2000):
            flood.socket.send(b'stats\n' * 50)
    except BlockingIOError:
        pass
    ev = Ev(cable, options)
    ev.ends(0)
    assert evse.record()['reason'] == 'COMPLETED'
    assert evse.control.do('stats')['late_ms_max'] < 100
    lazy.close()
    evse.stop()


def case_network_down(cable, options):
    """The interface goes down while it charges: off, a record, one line; a car that comes when it is back charges."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    cable.run('se', ['ip', 'link', 'set', 'se0', 'down'])
    evse.watch.until('seen', lambda s: not s['network'], 2)
    assert evse.record()['reason'] == 'LINK_LOST', evse.record()
    evse.at_rest()
    assert ev.process.wait(CHARGE_S) not in (0, None)
    cable.run('se', ['ip', 'link', 'set', 'se0', 'up'])
    evse.watch.until('back', lambda s: s['network'], 5)
    Ev(cable, options).ends(0)
    assert evse.record(2)['reason'] == 'COMPLETED'
    text = evse.stop().process.text()
    assert text.count('network_lost') == 1 and "interface 'se0' is down" in text and text.count('network_back') == 1, text


def case_network_gone(cable, options):
    """The interface disappears between two charges and comes back as another one of the same name, with another address."""
    evse = Evse(cable, options)
    Ev(cable, options).ends(0)
    assert evse.record(1)['reason'] == 'COMPLETED'
    cable.run('se', ['ip', 'link', 'delete', 'se0'])
    evse.watch.until('seen', lambda s: not s['network'], 2)
    text = evse.process.text()  # what goes away is down first
    assert evse.process.running() and ("'se0' does not exist" in text or "'se0' is down" in text) and text.count('network_lost') == 1, text
    for word in ('ip link add se0 type veth peer name other', 'ip link set se0 address 02:00:00:00:00:77',
                 f'ip link set other netns {cable.namespace("ev")} name ev0', 'ip link set se0 up'):
        assert cable.run('se', word.split()).returncode == 0, word
    cable.run('ev', ['ip', 'link', 'set', 'ev0', 'up'])
    evse.watch.until('back', lambda s: s['network'], 10)
    assert 'with another address' in evse.process.text()
    Ev(cable, options).ends(0)
    record = evse.record(2)
    assert record['reason'] == 'COMPLETED' and record['session'] == 2, record
    evse.stop()


def case_car_network(cable, options):
    """The car's own interface goes down while it charges: its session fails in one line; the next one waits until it is back."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, '--sessions', '2', '--control', cable.folder / 'ev.sock', **{'battery.duration_stop_ms': 60000, 'run.pause_ms': 200})
    evse.live()
    cable.run('ev', ['ip', 'link', 'set', 'ev0', 'down'])
    assert ev.process.wait_text('session 1: LINK_LOST', 10), ev.process.text()
    assert evse.record()['reason'] in ('UNPLUGGED', 'LINK_LOST', 'SEQUENCE_TIMEOUT'), evse.record()
    evse.at_rest()
    cable.run('ev', ['ip', 'link', 'set', 'ev0', 'up'])
    evse.live()
    Control(cable.folder / 'ev.sock').do('stop')
    ev.ends(LINK_LOST)
    assert evse.record(2)['reason'] == 'COMPLETED', evse.record(2)
    text = ev.process.text()
    assert text.count('network_lost') == 1 and text.count('network_back') == 1, text
    evse.stop()


def case_limits(cable, options):
    """A limit set while it charges is obeyed at once, without a trip, and told by the next status."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.watch.until('more than 20 A', lambda s: s['phase'] == 'LIVE' and s['mA'] > 20000)
    assert evse.control.do('limits mA=10000 reason=grid')['mA'] == 10000
    limited = evse.watch.until('limited', lambda s: s['phase'] == 'LIVE' and s['mA'] <= 10000, 5)
    assert limited['limits']['reason'] == 'grid', limited['limits']
    evse.control.do('limits site')
    evse.watch.until('free again', lambda s: s['phase'] == 'LIVE' and s['mA'] > 20000, 10)
    evse.control.do('stop')
    assert 'STOPPED_BY_CHARGER' in ev.ends(0)
    assert evse.record()['reason'] == 'STOPPED_USER' and evse.record()['why'] == 'NONE'
    evse.stop()


def case_authorize_before(cable, options):
    """A token shown before the plug waits for the car; it is good for one session."""
    evse = Evse(cable, options, **{'site.authorize': 'ask', 'evse.authorization_ms': 1000})
    evse.control.do('authorize CARD-1')
    assert evse.control.do('status')['authorization'] == {'policy': 'ask', 'waiting': False, 'token': True}
    Ev(cable, options).ends(0)
    assert evse.record(1)['reason'] == 'COMPLETED'
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A' and s['wait'] != 'holding', 10)
    Ev(cable, options).process.wait(CHARGE_S)
    assert evse.record(2)['reason'] == 'AUTHORIZATION_LATE', evse.record(2)
    evse.stop()


def case_authorize_while_asking(cable, options):
    """A token while the car asks lets it go on."""
    evse = Evse(cable, options, **{'site.authorize': 'ask'})
    ev = Ev(cable, options)
    status = evse.watch.until('it asks', lambda s: s['authorization']['waiting'])
    assert status['phase'] == 'OFF' and status['running'], status
    evse.control.do('authorize')
    ev.ends(0)
    assert evse.record()['reason'] == 'COMPLETED'
    evse.stop()


def case_authorize_late(cable, options):
    """Nobody comes in time: an orderly end; the card that comes late starts the same car afresh."""
    evse = Evse(cable, options, **{'site.authorize': 'ask', 'evse.authorization_ms': 1000, 'sim.plugged': 'on'})
    ev = Ev(cable, options)
    assert evse.record(1)['reason'] == 'AUTHORIZATION_LATE'
    ev.process.wait(CHARGE_S)
    evse.control.do('authorize')
    evse.watch.until('offered afresh', lambda s: s['listening'] and not s['running'], 20)
    Ev(cable, options).ends(0)
    assert evse.record(2)['reason'] == 'COMPLETED'
    evse.stop()


def case_deny(cable, options):
    """A person says no, and a site that lets nobody charge."""
    evse = Evse(cable, options, **{'site.authorize': 'ask'})
    ev = Ev(cable, options)
    evse.watch.until('it asks', lambda s: s['authorization']['waiting'])
    evse.control.do('deny')
    assert ev.process.wait(CHARGE_S) != 0
    assert evse.record()['reason'] == 'NOT_AUTHORIZED'
    evse.stop()
    evse = Evse(cable, options, **{'site.authorize': 'deny'})
    assert 'error' in evse.control.ask('authorize')
    Ev(cable, options).process.wait(CHARGE_S)
    assert evse.record(2)['reason'] == 'NOT_AUTHORIZED'
    evse.stop()


def case_unplug(cable, options):
    """The connector is pulled under current: off, a record, ready for the next car."""
    evse = Evse(cable, options)
    ev = Ev(cable, options, '--control', cable.folder / 'ev.sock', **{'battery.duration_stop_ms': 60000})
    evse.live()
    Control(cable.folder / 'ev.sock').do('unplug')
    evse.watch.until('the pilot is lost', lambda s: s['pilot'] == 'A', 1)
    ev.ends(UNPLUGGED)
    assert evse.record()['reason'] == 'UNPLUGGED', evse.record()
    evse.at_rest()
    Ev(cable, options).ends(0)
    assert evse.record(2)['reason'] == 'COMPLETED'
    evse.stop()


def case_reopen(cable, options):
    """The charger closes first, so its side of the old connection is in TIME_WAIT: the next car gets in all the same."""
    evse = Evse(cable, options, **{'evse.sequence_ms': 1500})
    Ev(cable, options, '--misbehave', 'silent@ServiceDiscoveryReq').process.wait(CHARGE_S)
    assert evse.record(1)['reason'] == 'SEQUENCE_TIMEOUT'
    evse.at_rest()
    left = cable.run('se', ['ss', '-Htan', 'state', 'time-wait', 'state', 'fin-wait-2', 'state', 'fin-wait-1'], 5).stdout
    assert left.strip(), 'the charger did not close first: this shows nothing'
    evse.control.do('reset')
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A', 10)
    Ev(cable, options).ends(0)
    assert evse.record(2)['reason'] == 'COMPLETED'
    evse.stop()


def case_misbehave(cable, options):
    """A car that closes its connection while it charges, and one that falls silent: records, and rest."""
    evse = Evse(cable, options, **{'evse.sequence_ms': 1500})
    Ev(cable, options, '--misbehave', 'close@CurrentDemandReq:5').ends(CAR_FAULT)
    assert evse.record(1)['reason'] == 'LINK_LOST'
    evse.at_rest()
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A', 60)
    ev = Ev(cable, options, '--misbehave', 'SILENT@CurrentDemandReq:5')
    assert evse.record(2)['reason'] == 'SEQUENCE_TIMEOUT', evse.record(2)
    evse.at_rest()
    assert ev.process.wait(CHARGE_S) != 0
    evse.stop()


def case_reset(cable, options):
    """A car whose connection breaks without FIN (RST) while it charges."""
    evse = Evse(cable, options)
    Ev(cable, options, '--misbehave', 'RESET@CurrentDemandReq:5').ends(CAR_FAULT)
    assert evse.record(1)['reason'] == 'LINK_LOST'
    evse.at_rest()
    evse.stop()


class Board(threading.Thread):
    """An external controller: a bench of numbers that answers drives with samples every 20 ms, over the control socket."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.control = Control(path)
        self.over = threading.Event()
        self.source, self.car, self.pack, self.current, self.energy = 0, 0, 0, 0, 0.0
        self.locked_s = None
        self.imd_s = None

    def turn(self, drive):
        on, main = drive.get('enable', False), drive.get('main_close', False)
        self.source = drive['output_mV'] if on else self.source * 6 // 10
        if drive.get('phase') == 'PRECHARGE':
            self.pack = drive['output_mV']
        live = on and main and drive.get('phase') == 'LIVE'
        if live:
            self.source = min(self.source, self.pack)
        self.current = drive['output_mA'] if live else 0
        self.car = self.source if main else self.car * 6 // 10
        self.energy += self.source * self.current * 1e-6 * 0.02 / 3600
        now = time.monotonic()
        self.locked_s = (self.locked_s or now) if drive.get('lock') else None
        self.imd_s = (self.imd_s or now) if drive.get('test_isolation') else None
        ready = self.locked_s and now - self.locked_s > 0.3
        high = {'negative': -12000}.get(drive.get('pilot'), 6000 if ready else 9000)
        sample = {'pilot_high_mV': high, 'pilot_low_mV': high if drive.get('pilot', 'steady') == 'steady' else -12000,
                  'output_mV': self.source, 'car_mV': self.car, 'output_mA': self.current, 'main_closed': int(main),
                  'locked': int(drive.get('lock', False)), 'temperature_dC': 250, 'alarms': 0, 'energy_Wh': int(self.energy)}
        if self.imd_s and now - self.imd_s > 0.6:
            sample['isolation_ohm'] = 5000000
        return 'sample ' + ' '.join(f'{key}={value}' for key, value in sample.items())

    def run(self):
        drive = {'output_mV': 0, 'output_mA': 0}
        while not self.over.wait(0.02):
            answer = self.control.ask(self.turn(drive))
            if answer is None:
                return
            drive = answer['drive']


def case_hal_control(cable, options):
    """--hal control: a board in another process makes a whole charge."""
    evse = Evse(cable, options, hal='control')
    board = Board(evse.path)
    board.start()
    evse.watch.until('the board is there', lambda s: s['pilot'] == 'B', 10)
    Ev(cable, options).ends(0)
    record = evse.record()
    assert record['reason'] == 'COMPLETED' and record['hal'] == 'control' and record['mA_max'] > 5000, record
    evse.at_rest()
    evse.stop()
    board.over.set()


def case_heartbeat(cable, options):
    """--hal control: the board falls silent while it charges; the guard sees stale measurements and the charge is over."""
    evse = Evse(cable, options, hal='control', **{'site.stop_s': 1})
    board = Board(evse.path)
    board.start()
    evse.watch.until('the board is there', lambda s: s['pilot'] == 'B', 10)
    ev = Ev(cable, options, **{'battery.duration_stop_ms': 60000})
    evse.live()
    board.over.set()
    status = evse.watch.until('seen', lambda s: s['phase'] == 'FAULT' or s['why'] == 'STALE_SAMPLE', 2)
    assert status['why'] == 'STALE_SAMPLE', status
    evse.watch.until('opened', lambda s: s['phase'] in ('DISCHARGE', 'FAULT', 'OFF'), 5)
    drive = evse.control.do('sample')['drive']
    assert not drive['enable'] and not drive['main_close'], drive
    record = evse.record()
    assert record['why'] in ('STALE_SAMPLE', 'PILOT_LOST') and record['reason'] in ('CHARGER_ERROR', 'UNPLUGGED'), record
    ev.process.wait(CHARGE_S)
    evse.stop(1)  # nobody can say that a dead board is safe


def case_hal_file(cable, options):
    """--hal FILE.so: the example is loaded and makes a whole charge; a wrong option is told in the plugin's words."""
    file = options.build / 'lib' / 'hal_example.so'
    refused(cable, options, HARDWARE, '--hal', file, '--set', 'hal_options=nosuch', says="the option is 'bench' or nothing")
    evse = Evse(cable, options, hal=file, **{'hal_options': 'bench'})
    Ev(cable, options).ends(0)
    record = evse.record()
    assert record['reason'] == 'COMPLETED' and record['hal'] == 'example' and record['mA_max'] > 5000, record
    evse.stop()


def case_flood(cable, options):
    """A car that asks as fast as it can costs nobody a deadline."""
    evse = Evse(cable, options)
    text = Ev(cable, options, '--log', 'error', **{'car.loop_ms': 0, 'battery.duration_stop_ms': 2000}).ends(0)
    assert evse.record()['reason'] == 'COMPLETED', text
    stats = evse.control.do('stats')
    assert stats['late_ms_max'] < 100, stats
    evse.stop()


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('setpriv', 'util-linux')]))
