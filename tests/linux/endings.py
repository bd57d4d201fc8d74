#!/usr/bin/env python3
"""A signal in every phase of a charge, to the charger and to the car: 0 A, contactor open, a record, an exit code.

    endings.py --build BUILD CASE      CASE: charger_PHASE, charger_slac_PHASE or car_PHASE
SPDX-License-Identifier: Apache-2.0
"""
import signal
import sys

import cases
from world import Ev, Evse, json_lines, site, CHARGE_S
from storage import notes

SIGNALS = (signal.SIGTERM, signal.SIGINT)  # by turns, from phase to phase
STOPPED, COMPLETED = 'STOPPED_SERVICE', 'COMPLETED'

# What the status shows then, settings of the charger, and the reasons that the record may have; none: no session, no record.
PHASES = {
    'unplugged': (lambda s: s['pilot'] == 'A', {}, ()),
    'plugged': (lambda s: s['pilot'] == 'B' and s['listening'], {'sim.plugged': 'on'}, ()),
    'asking': (lambda s: s['authorization']['waiting'], {'site.authorize': 'ask', 'evse.stop_ms': 2000}, (STOPPED,)),  # nothing tells that car
    'test': (lambda s: s['phase'] == 'TEST' and s['mV'] > 60000, {}, (STOPPED,)),
    'precharge': (lambda s: s['phase'] == 'PRECHARGE', {'evse.pace': 'PreChargeReq:300'}, (STOPPED,)),
    'live': (lambda s: s['phase'] == 'LIVE' and s['mA'] > 5000, {}, (STOPPED,)),
    'ending': (lambda s: s['phase'] in ('RAMP', 'DISCHARGE', 'WELD'), {}, (COMPLETED, STOPPED)),
}
SLAC_PHASES = {
    'matching': (lambda s: s['slac']['state'] == 'MATCHING', {}, ()),
    'joined': (lambda s: s['slac']['link'] and not s['running'], {}, ('none', STOPPED)),  # its session may have begun meanwhile
}
WITHOUT_CAR = ('unplugged', 'plugged')


def is_safe_in_the_log(evse):
    """The guard's last word, and the charger's."""
    log = json_lines(evse.json_log)
    last = [line for line in log if line['room'] == 'guard'][-1]
    assert last['phase'] in ('OFF', 'FAULT') and last['output_mA'] == 0 and last['output_mV'] < 60000, last
    assert 'output safe, journal written' in log[-1]['text'], log[-1]


def judge_records(evse, reasons):
    records = evse.records()
    if not records and (not reasons or 'none' in reasons):
        return
    assert len(records) == 1 and records[0]['reason'] in reasons, records
    told = [note for note in notes(records[0]['capture']) if 'main=' in note]
    assert told and 'main=open' in told[-1] and ' mA=0 ' in told[-1], told[-3:]
    assert any(f"session 1: {records[0]['reason']}" in note for note in notes(records[0]['capture']))


def charger_ends(cable, options, phase, number, row, **where):
    """A signal to the charger in one phase."""
    reached, settings, reasons = row
    evse = Evse(cable, options, **{key: where[key] for key in ('side', 'interface') if key in where}, **settings, **where.get('evse', {}))
    stop_ms = 1000 if phase == 'ending' else 60000
    car = None
    if phase not in WITHOUT_CAR:
        car = Ev(cable, options, *where.get('words', ()), **where.get('car', {}), **{'battery.duration_stop_ms': stop_ms})
    evse.watch.until(phase, reached)
    evse.process.child.send_signal(number)
    ended = evse.process.wait(30)
    assert ended == 0, f'{phase}: ccs-evse ended with {ended}'
    is_safe_in_the_log(evse)
    judge_records(evse, reasons)
    assert not list(evse.state.glob('*.running')), 'a running session is left on the disk'
    if car and 'car' not in where:  # behind a modem it waits for another match
        assert car.process.wait(CHARGE_S) is not None, 'the car hangs'


def car_ends(cable, options, phase, number):
    """A signal to the car in one phase: the charger comes to rest, has a record and takes the next car."""
    reached, settings, _ = PHASES[phase]
    evse = Evse(cable, options, **settings)
    car = Ev(cable, options, **{'battery.duration_stop_ms': 1000 if phase == 'ending' else 60000})
    evse.watch.until(phase, reached)
    car.process.child.send_signal(number)
    ended = car.process.wait(CHARGE_S)
    assert ended == 0, f'{phase}: ccs-ev ended with {ended}\n{car.process.text()[-500:]}'
    record = evse.record()
    assert record['last_request'] and record['reason'] == COMPLETED, record
    rest = evse.at_rest()
    assert rest['main_closed'] == 0, rest
    evse.watch.until('pulled', lambda s: s['pilot'] == 'A', 20)
    evse.stop()
    is_safe_in_the_log(evse)


def on_one_cable(what, phase, number, *row):
    def case(options):
        cases.on_a_cable(lambda cable, _: what(cable, options, phase, number, *row), options)
    case.__doc__ = f'{what.__doc__} ({phase}, {number.name})'
    return case


def on_a_power_line(phase, number):
    def case(options):
        with site('ev1', 'se1') as cable:
            charger_ends(cable, options, phase, number, SLAC_PHASES[phase], side='se1', interface='se1', words=('--modem', 'linux'),
                         evse={'outlet.1.modem': 'linux'}, car={'side': 'ev1', 'interface': 'ev1'})
    case.__doc__ = f'{charger_ends.__doc__} ({phase}, {number.name})'
    return case


for _at, (_phase, _row) in enumerate(PHASES.items()):
    globals()[f'case_charger_{_phase}'] = on_one_cable(charger_ends, _phase, SIGNALS[_at % 2], _row)
    if _phase not in WITHOUT_CAR:
        globals()[f'case_car_{_phase}'] = on_one_cable(car_ends, _phase, SIGNALS[(_at + 1) % 2])
for _at, _phase in enumerate(SLAC_PHASES):
    globals()[f'case_charger_slac_{_phase}'] = on_a_power_line(_phase, SIGNALS[_at % 2])


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [], lambda case, options: case(options)))
