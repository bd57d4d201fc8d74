"""How a suite of cases in network namespaces is run: PROGRAM --build BUILD CASE, where a case is a function named case_CASE.

Exit: 0 as it should be, 1 not, 77 what it needs is not to be had here (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib
import time

from world import become_root, pair, peers, tail


def on_a_cable(case, options):
    """A case between two ends of a virtual cable; what its programs said is shown if it fails."""
    with pair() as cable:
        try:
            case(cable, options)
        except Exception as failure:
            print(*map(tail, cable.processes), f'FAILED: {failure!r}', sep='\n')
            raise


def run(names, needs, around=on_a_cable):
    """names: globals() of the suite. needs: (program, its Debian package). around: calls a case with what it needs."""
    cases = {name[5:]: case for name, case in names.items() if name.startswith('case_')}
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=lambda text: pathlib.Path(text).resolve(), required=True)
    parser.add_argument('case', choices=cases)
    options = parser.parse_args()
    options.bin = options.build / 'bin'
    case = cases[options.case]
    begin_s = time.monotonic()
    try:
        become_root()
        peers.need(('ip', 'iproute2'), *needs)
        around(case, options)
    except peers.Missing as missing:
        return peers.skip(missing)
    print(f'{case.__doc__.splitlines()[0]} {time.monotonic() - begin_s:.0f} s')
    return 0
