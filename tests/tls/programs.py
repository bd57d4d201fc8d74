#!/usr/bin/env python3
"""TLS of ccs-evse and ccs-ev over real sockets, in two network namespaces; the other side is a stock client where it can be.

    programs.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Exit: 0 as it should be, 1 not, 77 not to be had here (with CI=true that is a failure), with the reason in the last line.
SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'linux'))
import cases  # noqa: E402
from world import Ev, Evse, Watch, peers  # noqa: E402

CONFIG, NO_SDP_ANSWER, LINK_LOST, NO_PROTOCOL = 3, 23, 24, 25
SDP = """
import json, socket, sys
index = socket.if_nametoindex('ev0')
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
    client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    client.settimeout(0.25)
    for _ in range(60):
        client.sendto(bytes.fromhex('01FE90000000000200' + '00'), ('ff02::1', 15118, 0, index))
        try:
            answer = client.recv(100)
        except TimeoutError:
            continue
        print(json.dumps({'address': socket.inet_ntop(socket.AF_INET6, answer[8:24]), 'port': int.from_bytes(answer[24:26], 'big'),
                          'tls': answer[26] == 0}))
        sys.exit(0)
print(json.dumps(None))
"""


def load(options, folder, *words):
    run = subprocess.run([options.bin / 'ccs-pki', 'load', '--store', folder / 'store', *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, check=False)
    assert run.returncode == 0, run.stdout


def pki(cable, options):
    """The development PKI, made for this test, and a charger's store of it; keys and all end with its folder."""
    folder = cable.folder / 'pki'
    subprocess.run([options.bin / 'ccs-pki', 'make', '--kind', 'p256', '--kind', 'p521', folder], check=True, stdout=subprocess.DEVNULL)
    above = ''.join((folder / 'iso20-p521/certs' / f'{name}.pem').read_text() for name in ('vehsub2', 'vehsub1'))
    (folder / 'iso20-p521/above.pem').write_text(above)
    for kind, slot in (('iso2', 'iso2'), ('iso20-p521', 'iso20')):
        for root in ('v2groot', 'v2groot2'):
            load(options, folder, 'ca', 'v2g', folder / kind / 'certs' / f'{root}.pem')
        load(options, folder, 'key', slot, folder / kind / 'keys/secc.key')
        load(options, folder, 'cert', slot, folder / kind / 'good/secc.pem')
    load(options, folder, 'ca', 'oem', folder / 'iso20-p521/certs/oemroot.pem')
    return folder


def settings(folder, **more):
    return {'evse.tls': 'allow', 'pki.store': folder / 'store', **more}


def discover(cable):
    run = cable.run('ev', [sys.executable, '-c', SDP], 30)
    answer = json.loads(run.stdout)
    assert answer, 'no SDP answer'
    return answer


def client(cable, words, said=b''):
    """A stock client until it ends by itself; its text."""
    command = ['ip', 'netns', 'exec', cable.namespace('ev'), *map(str, words)]
    run = subprocess.run(command, input=said, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False)
    return run.stdout.decode(errors='replace')


def s_client(cable, answer, *words):
    return client(cable, ['openssl', 's_client', '-connect', f"[{answer['address']}%ev0]:{answer['port']}", *words], b'Q\n')


def again(evse):
    """The next car."""
    evse.control.do('sim unplug')
    evse.watch.until('pulled', lambda status: status['pilot'] == 'A')
    evse.control.do('sim plug')
    evse.watch.until('plugged', lambda status: status['pilot'] != 'A')


def said(evse, event):
    lines = [json.loads(line) for line in evse.json_log.read_text().splitlines()]
    return [line['text'] for line in lines if line.get('event') == event]


def wait_said(evse, event, count, limit_s=10):
    deadline_s = time.monotonic() + limit_s
    while len(said(evse, event)) < count:
        assert time.monotonic() < deadline_s, f'{event}: {said(evse, event)}, wanted {count}'
        time.sleep(0.05)
    return said(evse, event)[count - 1]


def case_stock(cable, options):
    """openssl s_client without a certificate offers 1.2 and 1.3, and ends up on 1.2; with a vehicle certificate it gets 1.3; on 1.3
    without one it is refused, and the listener lives on."""
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder, **{'sim.follow_wire': 'off'}))
    evse.control.do('sim plug')
    answer = discover(cable)
    assert answer['tls'], answer
    text = s_client(cable, answer, '-CAfile', folder / 'iso2/certs/v2groot.pem', '-verify_return_error')
    assert 'New, TLSv1.2, Cipher is ECDHE-ECDSA-AES128-SHA256' in text and 'Verify return code: 0 (ok)' in text, text
    assert 'without the marks of ISO 15118-20' in wait_said(evse, 'tls', 1), said(evse, 'tls')

    again(evse)
    car = folder / 'iso20-p521'
    text = s_client(cable, discover(cable), '-tls1_3', '-groups', 'P-521', '-cert', car / 'certs/vehicle.pem', '-key', car / 'keys/vehicle.key',
                    '-cert_chain', car / 'above.pem', '-CAfile', car / 'certs/v2groot.pem', '-verify_return_error')
    assert 'TLS_AES_256_GCM_SHA384' in text and 'Verify return code: 0 (ok)' in text, text
    assert 'peer WMIV1234567890ABCDEX' in wait_said(evse, 'tls', 2), said(evse, 'tls')

    again(evse)
    # On 1.3 the alert comes after the client's own handshake is done: it must stay until the charger closes.
    text = s_client(cable, discover(cable), '-tls1_3', '-groups', 'P-521', '-ign_eof')
    assert 'NO_CERTIFICATE' in wait_said(evse, 'tls_refused', 1), said(evse, 'tls_refused')
    assert 'certificate required' in text, text
    text = s_client(cable, discover(cable))
    assert 'New, TLSv1.2' in text, text
    evse.stop()


RELAY = """
import socket, sys, threading
listener = socket.create_server(('127.0.0.1', 4433))
print('ready', flush=True)
near, _ = listener.accept()
far = socket.create_connection((sys.argv[1] + '%ev0', int(sys.argv[2])))
def carry(one, other):
    while data := one.recv(65536):
        other.sendall(data)
    other.shutdown(socket.SHUT_WR)
threading.Thread(target=carry, args=(far, near), daemon=True).start()
carry(near, far)
"""


def case_gnutls(cable, options):
    """gnutls-cli offers both as well. It knows no scope of an address, so its octets go through a relay."""
    peers.need(('gnutls-cli', 'gnutls-bin'))
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder))
    answer = discover(cable)
    relay = cable.start('ev', [sys.executable, '-c', RELAY, answer['address'], answer['port']], 'relay.log')
    assert relay.wait_text('^ready', 10)
    text = client(cable, ['gnutls-cli', '--priority', 'NORMAL:+SHA256:+AES-128-CBC', '--no-ca-verification', '-p', '4433', '127.0.0.1'])
    assert re.search(r'\(TLS1\.2.*ECDHE-SECP256R1.*ECDSA-SHA256.*AES-128-CBC.*SHA256', text), text
    assert 'TLS 1.2' in wait_said(evse, 'tls', 1)
    evse.stop()


def case_din_only_on_plain(cable, options):
    """ccs-ev over TLS: the handshake is good, and DIN 70121 is refused there; over plain TCP it charges."""
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder))
    ev = Ev(cable, options, '--tls', **{'tls.v2g_roots': folder / 'iso2/certs/v2groot.pem', 'tls.versions': '1.2'})
    text = ev.ends(NO_PROTOCOL)
    assert 'peer DEABCE0001' in text, text
    assert 'TLS 1.2' in wait_said(evse, 'tls', 1)
    assert evse.record(1)['reason'] == 'NO_PROTOCOL', evse.records()
    assert 'CHARGED (' in Ev(cable, options).ends(0)
    evse.stop()


def case_mutual(cable, options):
    """ccs-ev shows its vehicle certificate, TLS 1.3 with P-521; nothing of ISO 15118-20 is served yet, and it is told so."""
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder))
    car = folder / 'iso20-p521'
    own = {'tls.v2g_roots': car / 'certs/v2groot.pem', 'tls.chain': car / 'good/vehicle.pem', 'tls.key': car / 'keys/vehicle.key',
           'tls.versions': '1.3'}
    Ev(cable, options, '--tls', **own).ends(NO_PROTOCOL)
    assert 'TLS 1.3' in wait_said(evse, 'tls', 1) and 'peer WMIV1234567890ABCDEX' in said(evse, 'tls')[0], said(evse, 'tls')
    evse.stop()


def case_require(cable, options):
    """Where TLS is required a car of plain TCP finds nothing that it can use."""
    folder = pki(cable, options)
    evse = Evse(cable, options, **settings(folder, **{'evse.tls': 'require'}))
    Ev(cable, options).ends(NO_SDP_ANSWER)
    evse.stop()


def case_no_credentials(cable, options):
    """An empty store: the charger runs, and answers that only plain TCP is here."""
    folder = cable.folder / 'empty'
    evse = Evse(cable, options, **{'evse.tls': 'allow', 'pki.store': folder})
    assert not discover(cable)['tls']
    assert 'no TLS until then' in wait_said(evse, 'no_credentials', 1)
    evse.stop()


def case_ocsp(cable, options):
    """What the charger staples is what the car goes by: none, good, then revoked; and only a car that requires one misses it."""
    folder = pki(cable, options)
    roots = {'tls.v2g_roots': folder / 'iso2/certs/v2groot.pem', 'tls.versions': '1.2'}

    def ends(code, says, ocsp):
        text = Ev(cable, options, '--tls', **roots, **{'tls.ocsp': ocsp}).ends(code)
        assert says in text, text
        Watch(evse.path).until('the car is gone', lambda status: status['pilot'] == 'A')
    evse = Evse(cable, options, **settings(folder))
    ends(LINK_LOST, "REVOCATION_UNKNOWN: nothing is known of its revocation, certificate 0 of 'DEABCE0001'", 'require')
    assert 'alert' in wait_said(evse, 'tls_refused', 1), said(evse, 'tls_refused')
    ends(NO_PROTOCOL, 'peer DEABCE0001', 'want')
    evse.stop()
    hook = folder / 'hook'
    for state, cases in (('good', ((NO_PROTOCOL, 'peer DEABCE0001', 'require'),)),
                         ('revoked', ((LINK_LOST, 'REVOKED: revoked, certificate 0', 'want'), (NO_PROTOCOL, 'peer DEABCE0001', 'off')))):
        for record in (folder / 'store').glob('ocsp.*'):
            record.unlink()
        hook.write_text(f'#!/bin/sh\nexec {options.bin}/ccs-pki ocsp --state {state} {folder}/iso2 {folder}/iso20-p521\n')
        hook.chmod(0o755)
        evse = Evse(cable, options, **settings(folder, **{'pki.hook': hook}))
        for answered in range(6):
            wait_said(evse, 'ocsp', answered + 1)
        for case in cases:
            ends(*case)
        evse.stop()


def case_settings(cable, options):
    """What is wrong with the settings of TLS is told at the start."""
    folder = pki(cable, options)
    open_key = folder / 'iso2/keys/open.key'
    shutil.copy(folder / 'iso20-p521/keys/vehicle.key', open_key)
    open_key.chmod(0o644)
    car = folder / 'iso20-p521'
    own = {'car.tls': 'on', 'tls.v2g_roots': car / 'certs/v2groot.pem', 'tls.chain': car / 'good/vehicle.pem', 'tls.key': car / 'keys/vehicle.key'}
    cases = [('ccs-evse', 'se', {'evse.tls': 'allow'}, 'needs [pki] store'),
             ('ccs-ev', 'ev', {'car.tls': 'on'}, 'needs [tls] v2g_roots'),
             ('ccs-ev', 'ev', {**own, 'tls.key': open_key}, 'other users may read this key'),
             ('ccs-ev', 'ev', {**own, 'tls.key': car / 'keys/cps.key'}, 'not the key'),
             ('ccs-ev', 'ev', {**own, 'tls.ocsp': 'maybe'}, 'it takes off | want | require'),
             ('ccs-ev', 'ev', {**own, 'tls.v2g_roots': folder / 'nosuch'}, 'nosuch: cannot be read')]
    for program, side, change, says in cases:
        words = [word for key, value in change.items() for word in ('--set', f'{key}={value}')]
        run = cable.run(side, [options.bin / program, '--interface', f'{side}0', *words])
        assert run.returncode == CONFIG and says in run.stdout, (run.returncode, run.stdout)


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('openssl', 'openssl')]))
