"""What Josev's two roles share in our tests: a warm codec, an orderly end, a verdict that a test can read.
Runs in Josev's own environment (tools/interop/peers.py), never in the one of the tests.
SPDX-License-Identifier: Apache-2.0
"""
import asyncio
import json
import os
import sys

from iso15118.shared import comm_session
from iso15118.shared.exificient_exi_codec import ExificientEXICodec

# The Java codec answers its first messages 5 to 10 times slower than later ones; DIN's car waits 0.25 s in the charge loop.
WARM_UP = 20
SAP = 'urn:iso:15118:2:2010:AppProtocol', {'supportedAppProtocolRes': {'ResponseCode': 'OK_SuccessfulNegotiation', 'SchemaID': 1}}
LOOP = 'urn:din:70121:2012:MsgDef', {'V2G_Message': {
    'Header': {'SessionID': '0102030405060708'},
    'Body': {'CurrentDemandReq': {
        'DC_EVStatus': {'EVReady': True, 'EVErrorCode': 'NO_ERROR', 'EVRESSSOC': 10},
        'EVTargetVoltage': {'Multiplier': 0, 'Unit': 'V', 'Value': 400},
        'EVTargetCurrent': {'Multiplier': 0, 'Unit': 'A', 'Value': 1},
        'ChargingComplete': False}}}}


def warm_codec():
    codec = ExificientEXICodec()
    for _ in range(WARM_UP):
        for namespace, message in SAP, LOOP:
            codec.decode(codec.encode(json.dumps(message), namespace), namespace)
    return codec


def close_soon():
    """Josev keeps the connection 5 s after SessionStop; a test does not wait for that."""
    async def stop(session, reason):
        print(f'STOP {reason}', flush=True)
        await asyncio.sleep(0.3)
        session.writer.close()

    comm_session.V2GCommunicationSession.stop = stop


def finish(codec, code, **verdict):
    """The package leaves tasks and its JVM behind after a failed session: so the process ends itself."""
    print('VERDICT ' + json.dumps(dict(verdict, code=code)), flush=True)
    try:
        codec.gateway.shutdown()
    finally:
        os._exit(code)


def arguments(parser):
    parser.add_argument('--limit', type=float, default=60, help='seconds for everything')
    options = parser.parse_args()
    sys.argv = sys.argv[:1]
    return options
