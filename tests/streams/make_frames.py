#!/usr/bin/env python3
"""Makes frames.jsonl: the requests of a car of ours, and strange values that real cars send, each in a request of that car.

    make_frames.py BUILD/bin/codec_lines             writes frames.jsonl
    make_frames.py BUILD/bin/codec_lines --check     compares; what the tests run

A line: "row" (what is strange; absent for the plain car), "source" (where it was seen or read), "request", "exi", "message".
SPDX-License-Identifier: Apache-2.0
"""
import copy
import json
import pathlib
import subprocess
import sys

V, A, W, WH, S = 'V', 'A', 'W', 'Wh', 's'


def value(number, unit, multiplier=0):
    return {'Multiplier': multiplier, 'Unit': unit, 'Value': number}


STATUS = {'EVReady': True, 'EVErrorCode': 'NO_ERROR', 'EVRESSSOC': 40}
LIMITS = {'EVMaximumCurrentLimit': value(200, A), 'EVMaximumPowerLimit': value(90, W, 3), 'EVMaximumVoltageLimit': value(450, V)}
POWER = {'DC_EVStatus': STATUS, 'BulkChargingComplete': False, 'ChargingComplete': False}

CAR = {
    'SessionSetupReq': {'EVCCID': '02CC5D000001'},
    'ServiceDiscoveryReq': {},
    'ServicePaymentSelectionReq': {'SelectedPaymentOption': 'ExternalPayment', 'SelectedServiceList': {'SelectedService': [{'ServiceID': 1}]}},
    'ContractAuthenticationReq': {},
    'ChargeParameterDiscoveryReq': {
        'EVRequestedEnergyTransferType': 'DC_extended',
        'DC_EVChargeParameter': {'DC_EVStatus': STATUS, **LIMITS, 'EVEnergyCapacity': value(60, WH, 3), 'EVEnergyRequest': value(30, WH, 3)}},
    'CableCheckReq': {'DC_EVStatus': STATUS},
    'PreChargeReq': {'DC_EVStatus': STATUS, 'EVTargetVoltage': value(400, V), 'EVTargetCurrent': value(1, A)},
    'PowerDeliveryReq': {'ReadyToChargeState': True, 'DC_EVPowerDeliveryParameter': POWER},
    'CurrentDemandReq': {
        'DC_EVStatus': STATUS, 'EVTargetCurrent': value(50, A), **LIMITS, 'ChargingComplete': False,
        'RemainingTimeToFullSoC': value(1800, S), 'EVTargetVoltage': value(440, V)},
    'PowerDeliveryReq stop': {'ReadyToChargeState': False, 'DC_EVPowerDeliveryParameter': POWER},
    'WeldingDetectionReq': {'DC_EVStatus': STATUS},
    'SessionStopReq': {},
}


def profile(watts):
    return {'SAScheduleTupleID': 1, 'ProfileEntry': [{'ChargingProfileEntryStart': 0, 'ChargingProfileEntryMaxPower': watts}]}


LOOP, CPD, PRE, START = 'CurrentDemandReq', 'ChargeParameterDiscoveryReq', 'PreChargeReq', 'PowerDeliveryReq'
PARAMETER = 'DC_EVChargeParameter/'
ROWS = [    # what is strange, where it was seen, the request, path of what changes, its value (None: taken away)
    ('remaining time in minutes', 'BYD Atto3', LOOP, 'RemainingTimeToFullSoC', value(35, 'm')),
    ('remaining time in hours', 'own', LOOP, 'RemainingTimeToFullSoC', value(1, 'h')),
    ('remaining time negative', 'own', LOOP, 'RemainingTimeToFullSoC', value(-1, S)),
    ('remaining time without unit', 'own', LOOP, 'RemainingTimeToFullSoC/Unit', None),
    ('remaining time in volts', 'own', LOOP, 'RemainingTimeToFullSoC/Unit', 'V'),
    ('limits without unit', 'VW id.4', CPD, PARAMETER + 'EVMaximumVoltageLimit/Unit', None),
    ('targets without unit', 'VW id.4', LOOP, 'EVTargetVoltage/Unit', None),
    ('precharge target without unit', 'VW id.4', PRE, 'EVTargetVoltage/Unit', None),
    ('precharge current of 0 A without unit', 'VW id.4', PRE, 'EVTargetCurrent', {'Multiplier': -1, 'Value': 0}),
    ('voltage limit in amperes', 'own', CPD, PARAMETER + 'EVMaximumVoltageLimit/Unit', 'A'),
    ('current target in volts', 'own', LOOP, 'EVTargetCurrent/Unit', 'V'),
    ('energy request in watts', 'own', CPD, PARAMETER + 'EVEnergyRequest/Unit', 'W'),
    ('power limit of 0', 'MG MG4 (ISO 15118-2)', CPD, PARAMETER + 'EVMaximumPowerLimit', value(0, W, 3)),
    ('power limit of 0 in the loop', 'MG MG4 (ISO 15118-2)', LOOP, 'EVMaximumPowerLimit', value(0, W, 3)),
    ('power limit negative', 'pyPLC issue 14', CPD, PARAMETER + 'EVMaximumPowerLimit', value(-1, W)),
    ('power limit negative in the loop', 'pyPLC issue 14', LOOP, 'EVMaximumPowerLimit', value(-32768, W, 3)),
    ('power limit of 20 GW', 'EcoG iso15118 issue 89', CPD, PARAMETER + 'EVMaximumPowerLimit', value(20000, W, 3)),
    ('power limit of 32 MW in the loop', 'EcoG iso15118 issue 108', LOOP, 'EVMaximumPowerLimit', value(32767, W, 3)),
    ('voltage limit of 32 MV', 'own', CPD, PARAMETER + 'EVMaximumVoltageLimit', value(32767, V, 3)),
    ('voltage limit of 0 in the loop', 'own', LOOP, 'EVMaximumVoltageLimit', value(0, V)),
    ('current limit of 0 in the loop', 'own', LOOP, 'EVMaximumCurrentLimit', value(0, A)),
    ('current limit negative in the loop', 'own', LOOP, 'EVMaximumCurrentLimit', value(-1, A)),
    ('current target of 0', 'Citroen eC4', LOOP, 'EVTargetCurrent', value(0, A, -1)),
    ('current target negative', 'own', LOOP, 'EVTargetCurrent', value(-5, A)),
    ('current target of 32 kA', 'own', LOOP, 'EVTargetCurrent', value(32767, A)),
    ('voltage target above its own limit', 'own', LOOP, 'EVTargetVoltage', value(460, V)),
    ('voltage target of 0', 'own', LOOP, 'EVTargetVoltage', value(0, V)),
    ('precharge target of 0 V first', 'Seres', PRE, 'EVTargetVoltage', value(0, V, -1)),
    ('precharge target of 200 V first', 'VW id.4', PRE, 'EVTargetVoltage', value(2000, V, -1)),
    ('energy capacity of 0', 'own', CPD, PARAMETER + 'EVEnergyCapacity', value(0, WH)),
    ('charging profile a little above the schedule', 'Porsche Taycan (11040 W of 11 kW)', START, 'ChargingProfile', profile(32767)),
    ('charging profile of 0 W', 'Mercedes-Benz EQE (ISO 15118-2)', START, 'ChargingProfile', profile(0)),
    ('charging profile negative', 'own', START, 'ChargingProfile', profile(-1)),
    ('charging complete at the start', 'Josev', START, 'DC_EVPowerDeliveryParameter/ChargingComplete', True),
]


def changed(content, path, new):
    """A copy of CONTENT with one place changed."""
    copied = copy.deepcopy(content)
    *outer, last = path.split('/')
    place = copied
    for name in outer:
        place = place[name]
    if new is None:
        del place[last]
    else:
        place[last] = new
    return copied


def message(request, content):
    return {'V2G_Message': {'Header': {'SessionID': '00'}, 'Body': {request.split()[0]: content}}}


def records():
    for request, content in CAR.items():
        yield {'request': request, 'message': message(request, content)}
    for row, source, request, path, new in ROWS:
        yield {'row': row, 'source': source, 'request': request, 'message': message(request, changed(CAR[request], path, new))}


def encode(messages, message_set='din'):
    lines = ''.join(json.dumps(m) + '\n' for m in messages)
    run = subprocess.run([sys.argv[1], 'encode', message_set], input=lines, capture_output=True, text=True, check=True)
    for line, exi in zip(messages, run.stdout.splitlines(), strict=True):
        if exi.startswith('error'):
            sys.exit(f'{line}: {exi}')
    return run.stdout.splitlines()


def soc_127():
    """No schema allows it, so no encoder writes it: all seven bits of the state of charge are set in the frame itself."""
    percent_0, percent_64 = (int(exi, 16) for exi in encode(
        [message(LOOP, changed(CAR[LOOP], 'DC_EVStatus/EVRESSSOC', soc)) for soc in (0, 64)]))
    first = percent_0 ^ percent_64
    return f'{percent_0 | (2 * first - 1) & ~(first // 64 - 1):x}'


def offer():
    """The car speaks DIN 70121 and nothing else."""
    asked = {'supportedAppProtocolReq': {'AppProtocol': [{
        'ProtocolNamespace': 'urn:din:70121:2012:MsgDef', 'VersionNumberMajor': 2, 'VersionNumberMinor': 0, 'SchemaID': 1, 'Priority': 1}]}}
    return {'request': 'supportedAppProtocolReq', 'exi': encode([asked], 'sap')[0], 'message': asked}


def lines():
    yield offer()
    made = list(records())
    for record, exi in zip(made, encode([record['message'] for record in made])):
        yield {**{k: v for k, v in record.items() if k != 'message'}, 'exi': exi, 'message': record['message']}
    yield {'row': 'state of charge of 127 %', 'source': 'own, after the phases of Seres', 'request': LOOP, 'exi': soc_127()}


def main():
    path = pathlib.Path(__file__).with_name('frames.jsonl')
    text = ''.join(json.dumps(line) + '\n' for line in lines())
    if sys.argv[2:] != ['--check']:
        path.write_text(text, encoding='ascii')
    elif path.read_text(encoding='ascii') != text:
        sys.exit(f'{path.name} is not what our codec writes today')


main()
