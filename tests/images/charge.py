#!/usr/bin/env python3
"""The whole stack as an image for a small target, charged by ccs-ev on this machine: plug, SLAC over a modelled power line, SDP, DIN, end.
Both targets at once, so that two runs on one machine are seen not to meet.

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
MATCH_CNF, CABLE_PORT = 0x607D, 15117


def is_cable(frame):
    """The pilot wire of the simulation goes beside the power line."""
    return frame[12:14] == b'\x86\xdd' and frame[20] == 17 and struct.unpack_from('!H', frame, 56)[0] == CABLE_PORT


def check_line(image):
    """IPv6 of the charger is seen only after the match, never with a small hop limit, and discovery with 255."""
    matched, passed = False, 0
    ours = bytes.fromhex('020000cafe01')
    for _, frame in image.frames():
        if frame[12:14] == b'\x88\xe1' and struct.unpack_from('<H', frame, 15)[0] == MATCH_CNF:
            matched = True
        if frame[6:12] != ours or frame[12:14] != b'\x86\xdd' or is_cable(frame):
            continue
        assert matched, f'{image.target}: IPv6 of the charger before CM_SLAC_MATCH.CNF: {frame.hex()}'
        discovery = frame[20] == 58 and frame[54] in (135, 136)
        assert frame[21] == 255 if discovery else frame[20] == 0 or frame[21] >= 64, frame.hex()
        passed += 1
    assert matched and passed > 40, f'{image.target}: {passed} IPv6 frames of the charger'


def charge(target, programs):
    with emulated.emulated(target) as image:
        image.boot()
        car = image.start([programs / 'ccs-ev', '--interface', 'ev0', '--modem', 'linux', '--protocol', 'din', '--set',
                           'battery.duration_stop_ms=1000'], 'car.log', inside=True)
        try:
            ended = car.wait(CHARGE_S)
            code = image.qemu.wait(20)
        except emulated.subprocess.TimeoutExpired:
            raise AssertionError(f'{target}: not over in time\n{image.text("car.log")[-3000:]}\n{image.text("image.log")[-3000:]}') from None
        story, told = image.text('image.log'), image.text('car.log')
        both = f'\n{told[-3000:]}\n{story[-3000:]}'
        assert ended == 0, f'{target}: ccs-ev ended with {ended}{both}'
        assert code == 0, f'{target}: the image ended with {code}{both}'
        session = re.search(r'^session number 1 Wh (\d+) mV_max (\d+) mA_max (\d+) end (\w+) stack \d+ heap \d+', story, re.MULTILINE)
        assert session and session.group(4) == 'COMPLETED', f'{target}: no record of a completed session{both}'
        assert int(session.group(2)) > 300000 and int(session.group(3)) > 5000, session.group(0)
        places = [story.find(words) for words in ('modem up', 'state MATCHED', 'sdp_answer', 'supportedAppProtocolReq', 'SessionStopReq')]
        assert -1 not in places and places == sorted(places), f'{target}: order {places}{both}'
        check_line(image)
        return f'{target}: {session.group(0)}'


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
