#!/usr/bin/env python3
"""What ccs-evse and ccs-ev leave on the disk stays bounded, whatever the car does.

    storage.py --build BUILD CASE      CASE: a function below whose name begins with "case_"
SPDX-License-Identifier: Apache-2.0
"""
import sys

import cases
from world import Ev, Evse, blocks, json_lines, CHARGE_S

KB = 1000
FLOOD = {'car.loop_ms': 0, 'battery.duration_stop_ms': 2000}  # as fast as the charger answers: some thousand times a second


def notes(path):
    """The texts of a capture's second interface."""
    return [body[20 + 14:20 + int.from_bytes(body[12:16], 'little')].decode() for kind, body in blocks(path)
            if kind == 6 and body[:4] == bytes([1, 0, 0, 0])]


def captures(folder):
    return sorted(folder.glob('ccs-evse-outlet*.pcapng'), key=lambda path: path.stat().st_mtime_ns)


def case_capture_flood(cable, options):
    """A car that asks thousands of times a second: the capture ends at its limit, says so, and has the session's end and reason."""
    evse = Evse(cable, options, **{'log.capture_kB_max': 256, 'log.captures_kB_max': 256})
    Ev(cable, options, '--log', 'error', '--capture', cable.folder / 'ev.pcapng', **FLOOD, **{'log.capture_kB_max': 256}).ends(0)
    record = evse.record()
    evse.stop()
    file = captures(evse.state / 'captures')[0]
    assert record['capture'] == str(file) and record['reason'] == 'COMPLETED', record
    assert record['capture_left_out'] > 1000, record
    assert 200 * KB < file.stat().st_size <= 256 * KB, file.stat()
    told = notes(file)
    assert any('its limit of' in text for text in told) and any('are left out before what follows' in text for text in told), told[-5:]
    assert any('session 1: COMPLETED' in text and 'left out of its capture' in text for text in told[-5:]), told[-5:]
    assert any('phase=RAMP' in text for text in told), 'the notes have stopped before the end of the charge'
    packets = [body for kind, body in blocks(file) if kind == 6]
    assert any(body[20 + 14 + 6] == 6 and body[20 + 14 + 40 + 13] & 1 for body in packets[-8:] if body[:4] == bytes(4)), 'no FIN at the end'
    log = evse.process.text()
    assert log.count('capture_full') == 1 and 'left out of its capture' in log, log[-2000:]
    assert 200 * KB < (cable.folder / 'ev.pcapng').stat().st_size <= 256 * KB


def case_captures_pruned(cable, options):
    """Captures beyond number and size make room, oldest first; never a running one, never a file of another name. The journal stays whole."""
    folder = cable.folder / 'captures'
    folder.mkdir()
    strange = folder / 'somebody-else.pcapng'
    strange.write_bytes(bytes(1000))
    for number in range(8):
        (folder / f'ccs-evse-outlet1-20200101T00000{number}Z-1.pcapng').write_bytes(bytes(200 * KB))
    evse = Evse(cable, options, **{'log.capture': folder, 'log.captures_max': 3, 'log.capture_kB_max': 256, 'log.captures_kB_max': 700})
    assert [path.name[-12:-9] for path in captures(folder)] == ['06Z', '07Z'], captures(folder)  # the rest of 700 kB is for the new one
    for number in (1, 2):
        Ev(cable, options).ends(0, CHARGE_S)
        record = evse.record(number)
        left = captures(folder)
        assert len(left) <= 3 and str(left[-1]) == record['capture'], (left, record)
        assert sum(path.stat().st_size for path in left) <= 700 * KB
        evse.watch.until('pulled', lambda s: s['pilot'] == 'A' and s['wait'] != 'holding', 10)
    evse.stop()
    assert [str(path) for path in captures(folder)][-2:] == [record['capture'] for record in evse.records()]
    assert strange.exists()
    told = [line for line in json_lines(evse.json_log) if line['event'] == 'captures_pruned']
    assert len(told) >= 2 and told[0]['text'] == '6 old captures removed', told


def case_log_flood(cable, options):
    """The same car in the logs: lines of the loop are debug; at debug and as JSON a flood is cut, counted and told; JSON files are bounded."""
    bounds = {'log.json_kB_max': 64, 'log.json_older': 2, 'log.lines_s': 10}
    evse = Evse(cable, options, '--log', 'debug', **bounds)
    car = Ev(cable, options, '--log', 'debug', **{**FLOOD, 'log.lines_s': 10})
    car.ends(0)
    evse.record()
    evse.stop()
    for text in (evse.process.text(), car.process.text()):
        lines = text.splitlines()
        assert len(lines) < 1000, len(lines)
        assert sum('CurrentDemandReq' in line for line in lines) < 150
        told = [int(line.rsplit('=', 1)[1]) for line in lines if 'left_out of=din what=CurrentDemandReq' in line]
        assert sum(told) > 1000, lines[-20:]
    assert 'session_end text=session 1: COMPLETED' in evse.process.text()
    files = [evse.json_log, *evse.json_log.parent.glob('evse.jsonl.*')]
    assert {path.name for path in files} == {'evse.jsonl', 'evse.jsonl.1', 'evse.jsonl.2'}, files
    assert all(path.stat().st_size <= 64 * KB for path in files), files
    assert any(line['event'] == 'session_end' for path in files for line in json_lines(path)), 'the end of the session is gone'


def case_log_calm(cable, options):
    """A healthy charge at info: beginning, phases and end, not a line per message of the loop, a line each 10 s, and no warning."""
    evse = Evse(cable, options)
    Ev(cable, options, **{'battery.duration_stop_ms': 11000}).ends(0)
    evse.record()
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A', 20)
    lines = [line for line in evse.process.text().splitlines() if ' stop ' not in line]
    evse.stop()
    assert len(lines) < 60, len(lines)
    for what, times in (('CurrentDemandReq', 2), ('charging output_mV=', 1), ('phase=LIVE', 1), ('session_end', 1), ('SessionSetupReq', 1)):
        assert sum(what in line for line in lines) == times, (what, lines)
    assert not [line for line in lines if line.split()[1] in ('warning', 'error') and 'no_real_time' not in line], lines


def case_log_blind(cable, options):
    """A board that never measures is warned about once, soon after the start; one that begins to is not."""
    evse = Evse(cable, options, hal='control', **{'site.stop_s': 1})
    assert evse.process.wait_text('warning guard +state phase=OFF pilot=. .*why=STALE_SAMPLE', 5), evse.process.text()
    assert evse.process.text().count('warning guard') == 1
    evse.stop(1)


if __name__ == '__main__':
    sys.exit(cases.run(globals(), []))
