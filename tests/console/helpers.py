"""A user of the console, and a CA, for the tests in this folder.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import socket
import subprocess
import time

TOKEN = 'a token that only this test knows'


class Console:
    """A user of the console: a command, then lines until OK or ERROR."""

    def __init__(self, path, limit_s=10):
        deadline_s = time.monotonic() + limit_s
        while True:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                assert time.monotonic() < deadline_s, f'no console at {path}'
                time.sleep(0.02)
        self.socket.settimeout(10)
        self.lines = self.socket.makefile('rb')

    def answer(self):
        told = []
        while not told or not told[-1].startswith(('OK', 'ERROR')):
            line = self.lines.readline()
            assert line, f'the console has closed after {told}'
            told.append(line.decode().rstrip('\r\n'))
        return told

    def ask(self, command, wanted='OK'):
        self.socket.sendall(command.encode() + b'\n')
        told = self.answer()
        assert told[-1].startswith(wanted), f'{command}: {told}'
        return told

    def set(self, command, octets, wanted='OK'):
        """Base64 over several lines, as people and programs paste it."""
        self.socket.sendall(command.encode() + b'\n' + base64.encodebytes(octets) + b'.\n')
        told = self.answer()
        assert told[-1].startswith(wanted), f'{command}: {told}'
        return told

    def close(self):
        self.lines.close()
        self.socket.close()


def run_tool(*words, **more):
    told = subprocess.run([str(word) for word in words], capture_output=True, check=False, timeout=60, **more)
    assert told.returncode == 0, (words, told.stdout, told.stderr)
    return told.stdout


def sign(folder, tree, request):
    """What a CA makes of a request: the second sub-CA of the tree signs, with the openssl command."""
    (folder / 'request.pem').write_text(request)
    (folder / 'extensions').write_text('basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature,keyAgreement\n'
                                       'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n')
    run_tool('openssl', 'x509', '-req', '-in', folder / 'request.pem', '-CA', tree / 'certs' / 'cposub2.pem', '-CAkey',
             tree / 'keys' / 'cposub2.key', '-set_serial', '0x7001', '-days', '90', '-sha256', '-extfile', folder / 'extensions',
             '-outform', 'DER', '-out', folder / 'leaf.der')
    # not in the tree, so that the responder knows it: beside the others
    run_tool('openssl', 'x509', '-inform', 'DER', '-in', folder / 'leaf.der', '-out', tree / 'certs' / 'renewed.pem')
    return (folder / 'leaf.der').read_bytes()


def pem_of(lines):
    begin = next(number for number, line in enumerate(lines) if line.startswith('-----BEGIN'))
    end = next(number for number, line in enumerate(lines) if line.startswith('-----END'))
    return '\n'.join(lines[begin:end + 1]) + '\n'
