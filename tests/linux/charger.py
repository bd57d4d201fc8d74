#!/usr/bin/env python3
"""A charger made of answers: for a car that must end well with chargers that do not behave.

    charger.py CCS-DUMP IF WAY      WAY: one of WAYS below

It answers SDP, takes one connection and gives its messages in their order, whatever was asked; the last one for ever.
SPDX-License-Identifier: Apache-2.0
"""
import json
import socket
import struct
import subprocess
import sys

GROUP = 'ff02::1'
READY = {'EVSEIsolationStatus': 'Valid', 'EVSEStatusCode': 'EVSE_Ready', 'NotificationMaxDelay': 0, 'EVSENotification': 'None'}


def physical(value, unit):
    return {'Multiplier': 0, 'Unit': unit, 'Value': value}


LIMITS = {'DC_EVSEStatus': READY, 'EVSEMaximumCurrentLimit': physical(200, 'A'), 'EVSEMaximumPowerLimit': physical(30000, 'W'),
          'EVSEMaximumVoltageLimit': physical(900, 'V'), 'EVSEMinimumCurrentLimit': physical(0, 'A'),
          'EVSEMinimumVoltageLimit': physical(50, 'V'), 'EVSEPeakCurrentRipple': physical(1, 'A')}
SCHEDULE = {'SAScheduleTuple': [{'SAScheduleTupleID': 1, 'PMaxSchedule': {'PMaxScheduleID': 1, 'PMaxScheduleEntry': [
    {'RelativeTimeInterval': {'start': 0}, 'PMax': 30000}]}}]}
CHARGE = {
    'SessionSetupRes': {'ResponseCode': 'OK_NewSessionEstablished', 'EVSEID': '01'},
    'ServiceDiscoveryRes': {'ResponseCode': 'OK', 'PaymentOptions': {'PaymentOption': ['ExternalPayment']}, 'ChargeService': {
        'ServiceTag': {'ServiceID': 1, 'ServiceCategory': 'EVCharging'}, 'FreeService': True, 'EnergyTransferType': 'DC_extended'}},
    'ServicePaymentSelectionRes': {'ResponseCode': 'OK'},
    'ContractAuthenticationRes': {'ResponseCode': 'OK', 'EVSEProcessing': 'Finished'},
    'ChargeParameterDiscoveryRes': {'ResponseCode': 'OK', 'EVSEProcessing': 'Finished', 'SAScheduleList': SCHEDULE,
                                    'DC_EVSEChargeParameter': LIMITS},
    'CableCheckRes': {'ResponseCode': 'OK', 'DC_EVSEStatus': READY, 'EVSEProcessing': 'Finished'},
    'PreChargeRes': {'ResponseCode': 'OK', 'DC_EVSEStatus': READY, 'EVSEPresentVoltage': physical(0, 'V')},
}


def encode(dump, protocol, document):
    run = subprocess.run([dump, 'encode', '-p', protocol, '-'], input=json.dumps(document), capture_output=True, text=True, timeout=20)
    assert run.returncode == 0, run.stderr
    octets = bytes.fromhex(run.stdout)
    return b'\x01\xfe\x80\x01' + struct.pack('>I', len(octets)) + octets


def offer(dump, code):
    return encode(dump, 'sap', {'supportedAppProtocolRes': {'ResponseCode': code, 'SchemaID': 0}})


def body(dump, name, **other):
    message = {'Header': {'SessionID': '0102030405060708'}, 'Body': {name: {**CHARGE[name], **other}}}
    return encode(dump, 'din', {'V2G_Message': message})


def hello(dump):
    return offer(dump, 'OK_SuccessfulNegotiation')


WAYS = {
    'deaf': lambda dump: None,  # tells a port that nobody listens at
    'other': lambda dump: [offer(dump, 'Failed_NoNegotiation')],
    'mute': lambda dump: [hello(dump), b''],
    'refuses': lambda dump: [hello(dump), body(dump, 'SessionSetupRes', ResponseCode='FAILED')],
    'rubbish': lambda dump: [hello(dump), b'\x01\xfe\x80\x01\x00\x00\x00\x04\xff\xff\xff\xff'],
    'leaves': lambda dump: [hello(dump), None],
    'cold': lambda dump: [hello(dump), *(body(dump, name) for name in CHARGE)],  # PreCharge stays at 0 V
}


def sdp(interface, port):
    """Answers until a car has asked three times: it connects long before."""
    index = socket.if_nametoindex(interface)
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind(('::', 15118))
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, GROUP) + struct.pack('@I', index))
    with open('/proc/net/if_inet6', encoding='ascii') as table:
        address = next(bytes.fromhex(row.split()[0]) for row in table if row.split()[5] == interface and row.startswith('fe80'))
    print('ready', flush=True)
    _, car = server.recvfrom(100)
    server.sendto(b'\x01\xfe\x90\x01\x00\x00\x00\x14' + address + struct.pack('>HBB', port, 0x10, 0), car)


def receive(link):
    """One message; False: the car has gone."""
    head = b''
    while len(head) < 8:
        more = link.recv(8 - len(head))
        if not more:
            return False
        head += more
    left = int.from_bytes(head[4:], 'big')
    while left:
        left -= len(link.recv(left))
    return True


def serve(listener, answers):
    link, _ = listener.accept()
    while receive(link):
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            return
        link.sendall(answer)


def main(dump, interface, way):
    answers = WAYS[way](dump)
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener:
        listener.bind(('::', 0))
        port = listener.getsockname()[1]
        if answers:
            listener.listen()
        sdp(interface, port)
        if answers:
            serve(listener, answers)
        else:
            sys.stdin.read()


if __name__ == '__main__':
    main(*sys.argv[1:])
