"""Credentials and roots as images/tls/vault.h reads them from a board's memory.
SPDX-License-Identifier: Apache-2.0
"""
import struct
import subprocess
import time

CERTIFICATE, KEY, OWN_ROOT, V2G_ROOT, OEM_ROOT, TIME = range(1, 7)
ADDRESS = {'cortex-m3': 0x003f0000, 'lx106': 0x60700000}
SIZE = 65536


def der_key(file):
    return subprocess.run(['openssl', 'pkey', '-in', str(file), '-outform', 'DER'], capture_output=True, check=True).stdout


def entry(tag, version, octets):
    return struct.pack('>BBH', tag, version, len(octets)) + octets


def write(pki, file):
    """The charger's chains and keys of both editions, its roots, and the time."""
    parts = [b'CCSV', entry(TIME, 0, struct.pack('>q', int(time.time())))]
    for version, tree in ((12, 'iso2'), (13, 'iso20-p521')):
        certificates = pki / tree / 'certs'
        for name in ('secc', 'cposub2', 'cposub1'):
            parts.append(entry(CERTIFICATE, version, (certificates / f'{name}.der').read_bytes()))
        root = (certificates / 'v2groot.der').read_bytes()
        parts += [entry(KEY, version, der_key(pki / tree / 'keys/secc.key')), entry(OWN_ROOT, version, root), entry(V2G_ROOT, 0, root)]
    parts.append(entry(OEM_ROOT, 0, (pki / 'iso20-p521/certs/oemroot.der').read_bytes()))
    whole = b''.join(parts)
    file.write_bytes(whole + bytes(SIZE - len(whole)))
