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
    for number in (1, 2, 3):
        Ev(cable, options).ends(0, CHARGE_S)
        record = evse.record(number)
        left = captures(folder)
        assert len(left) <= 3 and str(left[-1]) == record['capture'], (left, record)
        assert sum(path.stat().st_size for path in left) <= 700 * KB
        evse.watch.until('pulled', lambda s: s['pilot'] == 'A' and s['wait'] != 'holding', 10)
    evse.stop()
    assert [str(path) for path in captures(folder)] == [record['capture'] for record in evse.records()]
    assert strange.exists()
    told = [line for line in json_lines(evse.json_log) if line['event'] == 'captures_pruned']
    assert len(told) >= 2 and told[0]['text'] == '6 old captures removed', told


if __name__ == '__main__':
    sys.exit(cases.run(globals(), []))
