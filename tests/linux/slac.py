#!/usr/bin/env python3
"""SLAC from the plug to the charge, over a power line of modelled modems, in network namespaces that end with the test.

    slac.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Exit: 0 as it should be, 1 not, 77 namespaces are not to be had here (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib
import sys
import time

from world import Control, Ev, Evse, become_root, peer, peers, site, CHARGE_S

LINUX = ('--modem', 'linux')
UNPLUGGED = 32


def evse_on(cable, options, **settings):
    return Evse(cable, options, *LINUX, side='se1', interface='se1', **settings)


def ev_on(cable, options, *words, side='ev1', **settings):
    return Ev(cable, options, *LINUX, *words, side=side, interface=side, **settings)


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


def run(case, options):
    begin_s = time.monotonic()
    case(options)
    print(f'{case.__doc__.splitlines()[0]} {time.monotonic() - begin_s:.0f} s')
    return 0


def main():
    cases = {name[5:]: case for name, case in globals().items() if name.startswith('case_')}
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=pathlib.Path, required=True)
    parser.add_argument('case', choices=cases)
    options = parser.parse_args()
    options.bin = options.build / 'bin'
    try:
        become_root()
        peers.need(('ip', 'iproute2'))
        return run(cases[options.case], options)
    except peers.Missing as missing:
        return peers.skip(missing)


if __name__ == '__main__':
    sys.exit(main())
