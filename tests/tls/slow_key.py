#!/usr/bin/env python3
"""A charger of two outlets whose key lies in a token that takes its time, on a modelled power line.

    slow_key.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Exit: 0 as it should be, 1 not, 77 not to be had here (with CI=true that is a failure), with the reason in the last line.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / 'linux'))
import cases  # noqa: E402
from programs import NO_PROTOCOL, load  # noqa: E402
from world import Ev, Evse, peers, site  # noqa: E402

MODULES = ['/usr/lib/softhsm/libsofthsm2.so', *glob.glob('/usr/lib/*/softhsm/libsofthsm2.so')]
PIN = '4711-of-the-test'


def need():
    peers.need(('softhsm2-util', 'softhsm2'))
    engines = subprocess.run(['openssl', 'version', '-e'], capture_output=True, text=True, check=True).stdout.split('"')[1]
    if not (pathlib.Path(engines) / 'pkcs11.so').exists():
        raise peers.Missing('package libengine-pkcs11-openssl')


def run(*words):
    told = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told


def token(cable, options):
    """The development PKI with the charger's key in the token, a store that has its name alone, and a gate before its signatures."""
    folder = cable.folder
    tree, tokens, gate = folder / 'pki/iso2', folder / 'tokens', folder / 'gate'
    run(options.bin / 'ccs-pki', 'make', '--kind', 'p256', folder / 'pki')
    tokens.mkdir()
    (folder / 'softhsm2.conf').write_text(f'directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n')
    os.environ.update(SOFTHSM2_CONF=str(folder / 'softhsm2.conf'), SLOW_TOKEN_GATE=str(gate),
                      SLOW_TOKEN_MODULE=next(path for path in MODULES if os.path.exists(path)),
                      PKCS11_MODULE_PATH=str(next(options.build.glob('**/slow_token.so'))))
    run('softhsm2-util', '--init-token', '--free', '--label', 'charger', '--so-pin', '12345678', '--pin', PIN)
    run('softhsm2-util', '--import', tree / 'keys/secc.key', '--token', 'charger', '--label', 'iso2', '--id', '01', '--pin', PIN)
    (folder / 'name').write_text(f'pkcs11:token=charger;object=iso2;type=private;pin-value={PIN}\n')
    load(options, folder, 'ca', 'v2g', tree / 'certs/v2groot.pem')
    load(options, folder, 'key', 'iso2', folder / 'name')
    load(options, folder, 'cert', 'iso2', tree / 'good/secc.pem')
    return tree, gate


def shut(gate):
    os.mkfifo(gate)


def is_waited_at(gate):
    return gate.with_name(gate.name + '.waiting').exists()


def let_through(gate):
    with open(gate, 'w', encoding='ascii') as fifo:
        fifo.write('.')
    gate.unlink()


def wait_for(what, condition, limit_s=20):
    deadline_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.05)


def tls_car(cable, options, tree):
    return Ev(cable, options, '--modem', 'linux', '--tls', side='ev1', interface='ev1',
              **{'tls.v2g_roots': tree / 'certs/v2groot.pem', 'tls.versions': '1.2'})


def case_outlets(options):
    """While outlet 1's token signs, outlet 2 does all of it: pilot, SLAC, SDP, a whole charge; then outlet 1 is unplugged, and plugged anew."""
    need()
    with site('ev1', 'se1', 'ev2', 'se2@se1') as cable:
        tree, gate = token(cable, options)
        evse = Evse(cable, options, '--modem', 'linux', side='se1', interface='se1',
                    **{'outlet.2.interface': 'se2', 'outlet.2.modem': 'linux', 'evse.tls': 'allow', 'pki.store': cable.folder / 'store'})
        shut(gate)
        first = tls_car(cable, options, tree)
        wait_for('the token is asked', lambda: is_waited_at(gate))
        other = Ev(cable, options, '--modem', 'linux', side='ev2', interface='ev2')
        assert 'CHARGED (' in other.ends(0)
        assert is_waited_at(gate), 'outlet 1 has got its signature'
        status = evse.control.do('status')['outlets']
        assert [one['tls']['handshakes'] for one in status] == [0, 0], status
        assert status[0]['pilot'] == 'B' and status[0]['slac']['link'], status[0]
        assert evse.records()[0]['outlet'] == 2 and evse.records()[0]['reason'] == 'COMPLETED', evse.records()

        first.process.stop()
        evse.watch.until('outlet 1 is free', lambda s: s['outlets'][0]['pilot'] == 'A' and s['outlets'][0]['tls']['ended'] == 1)
        assert is_waited_at(gate)
        let_through(gate)
        assert 'peer DEABCE0001' in tls_car(cable, options, tree).ends(NO_PROTOCOL)
        status = evse.control.do('status')['outlets'][0]['tls']
        assert (status['handshakes'], status['refused'], status['ended']) == (1, 0, 1), status
        evse.stop()


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('openssl', 'openssl')], lambda case, options: case(options)))
