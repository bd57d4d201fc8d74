#!/usr/bin/env python3
"""The whole stack as an image for a small target, charged by ccs-ev on this machine: plug, SLAC over a modelled power line, SDP, DIN, end,
and the next car. Both targets at once, so that two runs on one machine are seen not to meet.

    charge.py BIN      the folder of ccs-ev
SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import pathlib
import re
import struct
import sys

import emulated
from peers import Missing

TARGETS = ('cortex-m3', 'lx106')
CHARGE_S = 60
MATCH_CNF = 0x607D
RECORD = r'^session number (\d+) Wh (\d+) mV_max (\d+) mA_max (\d+) end (\w+) stack \d+ heap \d+'


def check_line(image):
    """IPv6 of the charger is seen only after the match, never with a small hop limit, and discovery with 255."""
    matched, passed = False, 0
    ours = bytes.fromhex('020000cafe01')
    for _, frame in image.frames():
        if frame[12:14] == b'\x88\xe1' and struct.unpack_from('<H', frame, 15)[0] == MATCH_CNF:
            matched = True
        if frame[6:12] != ours or frame[12:14] != b'\x86\xdd':
            continue
        assert matched, f'{image.target}: IPv6 of the charger before CM_SLAC_MATCH.CNF: {frame.hex()}'
        discovery = frame[20] == 58 and frame[54] in (135, 136)
        assert frame[21] == 255 if discovery else frame[20] == 0 or frame[21] >= 64, frame.hex()
        passed += 1
    assert matched and passed > 40, f'{image.target}: {passed} IPv6 frames of the charger'


def keys(image):
    """NMK of each CM_SLAC_MATCH.CNF."""
    return [frame[93:109] for _, frame in image.frames()
            if frame[12:14] == b'\x88\xe1' and struct.unpack_from('<H', frame, 15)[0] == MATCH_CNF]


def session(image, programs, number):
    """One car comes, charges and leaves; the record as the image told it."""
    begin = len(image.text('image.log'))
    car = image.start([programs / 'ccs-ev', '--interface', 'ev0', '--modem', 'linux', '--protocol', 'din', '--set',
                       'battery.duration_stop_ms=1000'], f'car{number}.log', inside=True)
    try:
        ended = car.wait(CHARGE_S)
    except emulated.subprocess.TimeoutExpired:
        ended = 'nothing in time'
    both = f'\n{image.text(f"car{number}.log")[-3000:]}\n{image.text("image.log")[-3000:]}'
    assert ended == 0, f'{image.target}: ccs-ev ended with {ended}{both}'
    image.wait_text('image.log', f'session number {number} ')
    story = image.text('image.log')[begin:]
    record = re.search(RECORD, story, re.MULTILINE)
    assert record and record.group(5) == 'COMPLETED', f'{image.target}: no record of a completed session{both}'
    assert int(record.group(3)) > 300000 and int(record.group(4)) > 5000, record.group(0)
    places = [story.find(words) for words in ('state MATCHED', 'sdp_answer', 'supportedAppProtocolReq', 'SessionStopReq')]
    assert -1 not in places and places == sorted(places), f'{image.target}: order {places}{both}'
    return record.group(0)


def torn(image, programs, number):
    """A car that is gone in the middle of the charge, without a word: the session ends by itself, and is on record."""
    car = image.start([programs / 'ccs-ev', '--interface', 'ev0', '--modem', 'linux', '--protocol', 'din'], f'car{number}.log', inside=True)
    begin = len(image.text('image.log'))
    image.wait_text('image.log', 'CurrentDemandRes', CHARGE_S, begin)
    car.kill()
    image.wait_text('image.log', f'session number {number} ')
    record = re.search(RECORD, image.text('image.log')[begin:], re.MULTILINE)
    assert record and record.group(5) in ('UNPLUGGED', 'LINK_LOST'), f'{image.target}: {record and record.group(0)}'
    return record.group(0)


def charge(target, programs):
    """Three cars, one after the other, the second one torn off: each match has a key of its own."""
    with emulated.emulated(target) as image:
        image.boot()
        records = [session(image, programs, 1), torn(image, programs, 2), session(image, programs, 3)]
        check_line(image)
        given = keys(image)
        assert len(set(given)) >= 3 and bytes(16) not in given, f'{target}: keys {[key.hex() for key in given]}'
        return '\n'.join(f'{target}: {record}' for record in records)


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    try:
        emulated.require()
        emulated.build(*TARGETS)
        with concurrent.futures.ThreadPoolExecutor(len(TARGETS)) as pool:
            for line in pool.map(lambda target: charge(target, programs), TARGETS):
                print(line)
    except Missing as reason:
        print(f'skipped: images: {reason}')
        return 77
    return 0


if __name__ == '__main__':
    sys.exit(main())
