#!/usr/bin/env python3
"""Rotation while connections run: the next one is shown the new chain, and a running one is not disturbed. The clients are
`openssl s_client`.

    rotation.py --build BUILD
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import pathlib
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from helpers import TOKEN, Console, pem_of, run_tool, sign


class Client:
    """One connection, kept open."""

    def __init__(self, port, tree):
        self.child = subprocess.Popen(['openssl', 's_client', '-connect', f'127.0.0.1:{port}', '-tls1_2', '-CAfile', tree / 'certs' / 'v2groot.pem',
                                       '-purpose', 'any', '-ign_eof'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b''

    def until(self, words, limit_s=10):
        deadline_s = time.monotonic() + limit_s
        while words not in self.text:
            ready, _, _ = select.select([self.child.stdout], [], [], max(0, deadline_s - time.monotonic()))
            octets = self.child.stdout.read1(65536) if ready else b''
            assert octets, f'no {words} from s_client: {self.text.decode(errors="replace")[-1500:]}'
            self.text += octets
        return self.text.decode(errors='replace')

    def leaf(self):
        text = self.until(b'Verify return code')
        assert 'Verify return code: 0 (ok)' in text, text
        return re.search(r'^ ?0 s:.*CN ?= ?([^,\n]+)', text, re.M).group(1)

    def echo(self, words):
        self.child.stdin.write(words + b'\n')
        self.child.stdin.flush()
        self.until(words)

    def close(self):
        self.child.stdin.close()
        self.child.kill()
        self.child.wait()


def test(options, folder):
    pki = options.build / 'bin' / 'ccs-pki'
    run_tool(pki, 'make', '--kind', 'p256', folder / 'pki')
    tree, store = folder / 'pki' / 'iso2', folder / 'keys'
    run_tool(pki, 'load', '--store', store, 'ca', 'v2g', tree / 'certs' / 'v2groot.pem')
    run_tool(pki, 'load', '--store', store, 'key', 'iso2', tree / 'keys' / 'secc.key')
    run_tool(pki, 'load', '--store', store, 'cert', 'iso2', tree / 'good' / 'secc.pem')
    run_tool(pki, 'token', '--store', store, input=TOKEN.encode() + b'\n')
    listener = subprocess.Popen([options.build / 'bin' / 'tls_listener', store, folder / 'console'], stdout=subprocess.PIPE)
    try:
        rotate(folder, tree, int(listener.stdout.readline()))
        assert listener.poll() is None, 'the listener has ended'
    finally:
        listener.kill()
        listener.wait()


def rotate(folder, tree, port):
    first = Client(port, tree)
    name = first.leaf()
    first.echo(b'before the rotation')
    console = Console(folder / 'console')
    console.ask(f'auth {TOKEN}')
    leaf = sign(folder, tree, pem_of(console.ask('pki csr iso2 DE*CCS*RENEWED')))
    subs = b''.join((tree / 'certs' / f'{sub}.der').read_bytes() for sub in ('cposub2', 'cposub1'))
    console.set('pki set cert iso2', b'\x30\x03\x02\x01\x01', 'ERROR')
    again = Client(port, tree)
    assert again.leaf() == name, 'a refused chain is shown'
    again.close()
    console.set('pki set cert iso2', leaf + subs)
    second = Client(port, tree)
    assert second.leaf() == 'DE*CCS*RENEWED' != name, 'the new chain is not shown'
    first.echo(b'the running connection is not disturbed')
    second.echo(b'and the new one works')
    console.ask('pki drop cert iso2')
    first.echo(b'not even when its chain is dropped')
    for client in (first, second):
        client.close()
    third = Client(port, tree)
    assert third.leaf() == 'DE*CCS*RENEWED'
    third.close()
    console.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=pathlib.Path, required=True)
    options = parser.parse_args()
    if not shutil.which('openssl'):
        print('the openssl command (package openssl) is not there')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        test(options, pathlib.Path(folder))
    print('the next connection is shown the new chain; the running one went on')
    return 0


if __name__ == '__main__':
    sys.exit(main())
