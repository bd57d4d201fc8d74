#!/usr/bin/env python3
"""Josev as live peer on DIN 70121: its EV at our charger, our EV at its charger, and what both do when the other fails.

    charge.py --bin BUILD/bin CASE        CASE: a function below whose name begins with "case_"; `peers` is Josev against itself

Each case makes its own two network namespaces; every process has a time limit; an assertion prints both logs.
Exit: 0 as it should be, 1 not, 77 something is not at hand (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / 'tools/interop'))
import net      # noqa: E402
import peers    # noqa: E402

LIMIT_S = 40        # for one side of one charge: measured 5 s, with two busy cores 15 s
READY_S = 30
JAVA = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m'      # answers come 2 to 3 times sooner, a third of the CPU time
CHARGE = ['SupportedAppProtocol', 'SessionSetup', 'ServiceDiscovery', 'ServicePaymentSelection', 'ContractAuthentication',
          'ChargeParameterDiscovery', 'CableCheck', 'PreCharge', 'PowerDelivery', 'CurrentDemand', 'PowerDelivery',
          'WeldingDetection', 'SessionStop']


def josev(cable, side, *options):
    """Josev's EV (side 'ev') or its charger ('se')."""
    script = HERE / {'ev': 'josev_ev.py', 'se': 'josev_secc.py'}[side]
    return cable.start(side, [peers.josev(), script, '--limit', LIMIT_S, *options], f'josev-{side}.log',
                       NETWORK_INTERFACE=f'{side}0', PROTOCOLS='DIN_SPEC_70121', AUTH_MODES='EIM', JAVA_TOOL_OPTIONS=JAVA,
                       LOG_LEVEL='INFO', MESSAGE_LOG_JSON='True', PYTHONUNBUFFERED='1', PYTHONHASHSEED='0', PYTHONDONTWRITEBYTECODE='1',
                       PKI_PATH=str(cable.folder))


def states(process):
    """What Josev went through, repeats taken out."""
    every = re.findall(r'Entered state (\w+)', process.text())
    return [state for state, before in zip(every, [None, *every]) if state != before]


def verdict(process):
    """Josev's own opinion, once it has ended; fails when it did not come to one."""
    code = process.wait(LIMIT_S + READY_S)
    found = re.search(r'^VERDICT (.*)$', process.text(), re.MULTILINE)
    assert found and code is not None, 'Josev came to no verdict'
    return json.loads(found.group(1))


def case_peers(cable, _):
    secc = josev(cable, 'se')
    assert secc.wait_text('UDP server started', READY_S), 'Josev\'s charger did not start'
    ev = josev(cable, 'ev')
    print(verdict(ev), states(ev))
    print(verdict(secc), states(secc))


def tail(process, lines=40):
    return f'--- {process.log.name}\n' + '\n'.join(line[:240] for line in process.text().splitlines()[-lines:])


def run(case, options):
    with net.pair() as cable:
        try:
            case(cable, options)
        except AssertionError as failure:
            print(*map(tail, cable.processes), f'FAILED: {failure}', sep='\n')
            return 1
    return 0


def main():
    cases = {name[5:]: case for name, case in globals().items() if name.startswith('case_')}
    parser = argparse.ArgumentParser()
    parser.add_argument('--bin', type=pathlib.Path, help='folder of ccs-evse and ccs-ev')
    parser.add_argument('case', choices=cases)
    options = parser.parse_args()
    try:
        net.become_root()
        peers.need(('ip', 'iproute2'))
        peers.josev()
        return run(cases[options.case], options)
    except peers.Missing as missing:
        return peers.skip(missing)


sys.exit(main())
