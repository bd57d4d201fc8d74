#!/usr/bin/env python3
"""Josev's TLS client, as its car uses it, at ccs-evse: its ClientHello, its trust, its chain; with our development PKI, and with the tree that
EcoG's create_certs.sh makes.

    josev.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

It offers P-256 alone, so the strict profile gives it TLS 1.2 although it offers 1.3 as well; `compat` is there for it.
Exit: 0 as it should be, 1 not, 77 not to be had here (with CI=true that is a failure), with the reason in the last line.
SPDX-License-Identifier: Apache-2.0
"""
import json
import shutil
import subprocess
import sys

import programs
from programs import cases, peers

CAR = """
import asyncio, ipaddress, json, sys
from iso15118.evcc.transport.tcp_client import TCPClient
from iso15118.shared.settings import load_shared_settings

async def main(address, port):
    load_shared_settings()
    client = await TCPClient.create(ipaddress.IPv6Address(address), int(port), asyncio.Queue(), True, 'ev0')
    tls = client.writer.get_extra_info('ssl_object')
    try: # with TLS 1.3 a charger that refuses the chain says so after the handshake
        await asyncio.wait_for(client.reader.read(1), 2)
    except asyncio.TimeoutError:
        pass
    print(json.dumps({'version': tls.version(), 'cipher': tls.cipher()[0]}))

try:
    asyncio.run(main(*sys.argv[1:]))
except Exception as error:
    print(json.dumps({'error': repr(error)}))
"""


def connect(cable, pki_path, v13):
    """What its client says of the connection."""
    answer = programs.discover(cable)
    assert answer['tls'], answer
    run = subprocess.run(['ip', 'netns', 'exec', cable.namespace('ev'), 'env', f'PKI_PATH={pki_path}', f'ENABLE_TLS_1_3={v13}', peers.josev(),
                          '-c', CAR, answer['address'], str(answer['port'])], capture_output=True, text=True, timeout=40, check=False)
    assert run.stdout.startswith('{'), run.stdout + run.stderr
    return json.loads(run.stdout)


def of_our_tree(cable, folder):
    """Our trees under the names that Josev looks for."""
    made = cable.folder / 'josev/iso15118_2'
    certs, keys = made / 'certs', made / 'private_keys'
    certs.mkdir(parents=True)
    keys.mkdir()
    roots = ''.join((folder / kind / 'certs/v2groot.pem').read_text() for kind in ('iso2', 'iso20-p521'))
    car = folder / 'iso20-p521'
    (certs / 'v2gRootCACert.pem').write_text(roots)
    (certs / 'oemCertChain.pem').write_text(''.join((car / 'certs' / f'{name}.pem').read_text() for name in ('vehicle', 'vehsub2', 'vehsub1')))
    shutil.copy(car / 'keys/vehicle.key', keys / 'oemLeaf.key')
    (keys / 'oemLeafPassword.txt').write_text('none')
    return made.parent


def its_own(cable):
    """The tree of create_certs.sh: P-256, and no vehicle certificate in it."""
    place = cable.folder / 'ecog'
    shutil.copytree(peers.josev_package() / 'shared/pki', place)
    subprocess.run(['bash', 'create_certs.sh', '-v', 'iso-2'], cwd=place, check=True, capture_output=True, timeout=60)
    return place


def store_of(options, place, slot, *more):
    """A charger's store of it, for one slot."""
    certs, keys, folder = place / 'iso15118_2/certs', place / 'iso15118_2/private_keys', place / slot
    folder.mkdir()
    programs.load(options, folder, 'ca', 'v2g', certs / 'v2gRootCACert.pem')
    programs.load(options, folder, 'ca', 'oem', certs / 'oemRootCACert.pem')
    programs.load(options, folder, *more, '--password', keys / 'seccLeafPassword.txt', 'key', slot, keys / 'seccLeaf.key')
    programs.load(options, folder, *more, 'cert', slot, certs / 'cpoCertChain.pem')
    return programs.settings(folder, **{'sim.follow_wire': 'off'})


def expect(link, version, cipher):
    assert (link.get('version'), link.get('cipher')) == (version, cipher), link


def case_our_tree(cable, options):
    """Josev's client trusts our development PKI: TLS 1.2, also when it offers 1.3; with `compat` TLS 1.3 and our vehicle certificate."""
    folder = programs.pki(cable, options)
    path = of_our_tree(cable, folder)
    evse = programs.Evse(cable, options, **programs.settings(folder, **{'sim.follow_wire': 'off'}))
    evse.control.do('sim plug')
    expect(connect(cable, path, False), 'TLSv1.2', 'ECDHE-ECDSA-AES128-SHA256')
    programs.again(evse)
    expect(connect(cable, path, True), 'TLSv1.2', 'ECDHE-ECDSA-AES128-SHA256')
    evse.stop()
    before = len(programs.said(evse, 'tls'))
    evse = programs.Evse(cable, options, **programs.settings(folder, **{'sim.follow_wire': 'off', 'pki.compat': 'on'}))
    evse.control.do('sim plug')
    expect(connect(cable, path, True), 'TLSv1.3', 'TLS_AES_256_GCM_SHA384')
    assert 'peer WMIV1234567890ABCDEX' in programs.wait_said(evse, 'tls', before + 1), programs.said(evse, 'tls')
    evse.stop()


def case_its_tree(cable, options):
    """EcoG's tree on both sides: TLS 1.2; with `compat` its provisioning certificate, which says of no purpose, is no vehicle's."""
    place = its_own(cable)
    evse = programs.Evse(cable, options, **store_of(options, place, 'iso2'))
    evse.control.do('sim plug')
    expect(connect(cable, place, False), 'TLSv1.2', 'ECDHE-ECDSA-AES128-SHA256')
    evse.stop()
    evse = programs.Evse(cable, options, **store_of(options, place, 'iso20', '--compat'), **{'pki.compat': 'on'})
    evse.control.do('sim plug')
    link = connect(cable, place, True)
    assert 'ALERT_BAD_CERTIFICATE' in link.get('error', ''), link
    why = programs.wait_said(evse, 'tls_refused', 1)
    assert 'PURPOSE_MISSING' in why and 'OEMProvCert' in why and 'COMPAT PROFILE' in why, why
    evse.stop()


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('openssl', 'openssl')]))
