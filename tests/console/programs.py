#!/usr/bin/env python3
"""ccs-evse with a store: its console at a socket, its hook program, and what is left after a restart.

    programs.py --build BUILD CASE      CASE: a function below whose name begins with "case_"

Exit: 0 as it should be, 1 not, 77 namespaces are not to be had here (with CI=true that is a failure).
SPDX-License-Identifier: Apache-2.0
"""
import base64
import json
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'linux'))
import cases  # noqa: E402
from helpers import TOKEN, Console, pem_of, run_tool, sign  # noqa: E402
from world import Evse  # noqa: E402


def pki_of(cable, options):
    """A development PKI that is valid now, and a hook program that answers for it."""
    pki = cable.folder / 'pki'
    run_tool(options.bin / 'ccs-pki', 'make', '--kind', 'p256', pki)
    tree = pki / 'iso2'
    hook = cable.folder / 'hook'
    hook.write_text(f'#!/bin/sh\n[ "$1" = ocsp ] && exec {options.bin}/ccs-pki ocsp {tree}\n')
    hook.chmod(0o755)
    return tree, hook


def start(cable, options, hook=None, **more):
    settings = {'pki.store': cable.folder / 'keys', 'pki.console': cable.folder / 'console', **more}
    return Evse(cable, options, **({**settings, 'pki.hook': hook} if hook else settings))


def set_token(cable, options):
    run_tool(options.bin / 'ccs-pki', 'token', '--store', cable.folder / 'keys', input=TOKEN.encode() + b'\n')


def log_has(evse, text, limit_s=10, times=1):
    deadline_s = time.monotonic() + limit_s
    while evse.process.text().count(text) < times:
        assert time.monotonic() < deadline_s, f'the log does not say "{text}" {times} times'
        time.sleep(0.02)


def case_provision(cable, options):
    """A key is made in the charger, its chain comes by the console, OCSP responses by the hook program, and a restart keeps all."""
    tree, hook = pki_of(cable, options)
    set_token(cable, options)
    evse = start(cable, options, hook)
    console = Console(cable.folder / 'console')
    console.ask('pki csr iso2 DE*CCS*E77', 'ERROR not authenticated')
    console.ask(f'auth {TOKEN}')
    console.set('pki set ca v2g', (tree / 'certs' / 'v2groot.der').read_bytes())
    leaf = sign(cable.folder, tree, pem_of(console.ask('pki csr iso2 DE*CCS*E77')))
    subs = b''.join((tree / 'certs' / f'{name}.der').read_bytes() for name in ('cposub2', 'cposub1'))
    console.set('pki set cert iso2', leaf, 'ERROR certificate is refused')
    console.set('pki set cert iso2', leaf + subs)
    log_has(evse, 'TLS 1.2: 1 chains')
    log_has(evse, 'text=response: done', times=3)
    (told,) = [line for line in console.ask('pki get key iso2') if line.startswith('iso2 key: SHA-256')]
    keys = sorted(path.name for path in (cable.folder / 'keys').iterdir())
    assert len([name for name in keys if name.startswith('ocsp.')]) == 3, keys
    console.close()
    evse.stop()

    evse = start(cable, options, hook)
    console = Console(cable.folder / 'console')
    assert told in console.ask('pki get key iso2')
    assert 'source' in console.ask('time')[-1]
    log_has(evse, 'TLS 1.2: 1 chains')
    text = evse.process.text() + (cable.folder / 'evse.jsonl').read_text()
    assert TOKEN not in text and 'BEGIN' not in text
    console.close()
    evse.stop()


def case_control(cable, options):
    """OCSP requests wait at the control socket; what comes back is judged there as anywhere."""
    tree, _ = pki_of(cable, options)
    pki, keys = options.bin / 'ccs-pki', cable.folder / 'keys'
    for words in (('ca', 'v2g', tree / 'certs' / 'v2groot.pem'), ('key', 'iso2', tree / 'keys' / 'secc.key'),
                  ('cert', 'iso2', tree / 'good' / 'secc.pem')):
        run_tool(pki, 'load', '--store', keys, *words)
    evse = start(cable, options, 'control')
    jobs = evse.control.do('pki')['jobs']
    assert [job['certificate'] for job in jobs] == ['DEABCE0001', 'CPOSubCA2', 'CPOSubCA1'], jobs
    responses = [run_tool(pki, 'ocsp', tree, input=base64.b64decode(job['request'])) for job in jobs]
    told = evse.control.ask(f'ocsp {jobs[0]["id"]} {base64.b64encode(responses[1]).decode()}')
    assert told == {'error': 'ocsp: about none of our certificates'}, told
    for job, response in zip(jobs[1:], responses[1:]):
        evse.control.do(f'ocsp {job["id"]} {base64.b64encode(response).decode()}')
    told = evse.control.ask(f'ocsp {jobs[1]["id"]} {base64.b64encode(responses[1]).decode()}')
    assert told == {'error': 'ocsp: nothing here'}, told
    for words in ('', '1', 'x AAAA', '1 !!!!', '1 AAA', '4294967296 AAAA'):
        assert 'error' in evse.control.ask(f'ocsp {words}'), words
    (chain,) = evse.control.do('pki')['chains']
    assert [one['ocsp'] for one in chain['certificates']] == [False, True, True], chain
    assert evse.control.do('pki')['jobs'] == []
    evse.stop()


CAR = """
import json, socket, ssl, subprocess, sys
index = socket.if_nametoindex('ev0')
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
    client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    client.settimeout(0.25)
    for _ in range(60):
        client.sendto(bytes.fromhex('01FE9000000000020000'), ('ff02::1', 15118, 0, index))
        try:
            answer = client.recv(100)
            break
        except TimeoutError:
            pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.maximum_version = ssl.TLSVersion.TLSv1_2
context.load_verify_locations(sys.argv[1])
plain = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
plain.settimeout(10)
plain.connect((socket.inet_ntop(socket.AF_INET6, answer[8:24]), int.from_bytes(answer[24:26], 'big'), 0, index))
car = context.wrap_socket(plain)
subject = dict(part for parts in car.getpeercert()['subject'] for part in parts)
print(subject['commonName'], flush=True)
sys.stdin.readline()
exi = bytes.fromhex(sys.argv[2])
car.sendall(bytes.fromhex('01FE8001') + len(exi).to_bytes(4, 'big') + exi)
print(car.recv(100).hex(), flush=True)
"""


class Car:
    """One over TLS: tells whom it sees; later it says its first word."""

    def __init__(self, cable, tree):
        frame = json.loads((HERE.parent / 'streams' / 'frames.jsonl').read_text().splitlines()[0])
        assert frame['request'] == 'supportedAppProtocolReq'
        command = ['ip', 'netns', 'exec', cable.namespace('ev'), sys.executable, '-c', CAR, tree / 'certs' / 'v2groot.pem', frame['exi']]
        self.child = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sees(self):
        return self.child.stdout.readline().strip()

    def speaks(self):
        """The V2GTP header of the charger's answer."""
        self.child.stdin.write('go\n')
        self.child.stdin.flush()
        answer = self.child.stdout.readline().strip()
        self.child.wait(10)
        return answer[:8].upper()


def case_rotation(cable, options):
    """A car is connected over TLS while the charger's chain is renewed: it is not disturbed, and the next one sees the new leaf."""
    tree, _ = pki_of(cable, options)
    pki, keys = options.bin / 'ccs-pki', cable.folder / 'keys'
    for words in (('ca', 'v2g', tree / 'certs' / 'v2groot.pem'), ('key', 'iso2', tree / 'keys' / 'secc.key'),
                  ('cert', 'iso2', tree / 'good' / 'secc.pem')):
        run_tool(pki, 'load', '--store', keys, *words)
    set_token(cable, options)
    evse = start(cable, options, **{'evse.tls': 'allow', 'evse.setup_ms': 60000, 'sim.follow_wire': 'off'})
    evse.control.do('sim plug')
    first = Car(cable, tree)
    before = first.sees()
    console = Console(cable.folder / 'console')
    console.ask(f'auth {TOKEN}')
    leaf = sign(cable.folder, tree, pem_of(console.ask('pki csr iso2 DE*CCS*RENEWED')))
    subs = b''.join((tree / 'certs' / f'{name}.der').read_bytes() for name in ('cposub2', 'cposub1'))
    console.set('pki set cert iso2', leaf + subs)
    console.ask('pki drop cert iso2')
    log_has(evse, 'TLS 1.2: 1 chains', times=2)
    assert first.speaks() == '01FE8001', 'the connection of before is disturbed'
    evse.record()
    evse.control.do('sim unplug')
    evse.watch.until('pulled', lambda status: status['pilot'] == 'A')
    evse.control.do('sim plug')
    second = Car(cable, tree)
    assert (before, second.sees()) == ('DEABCE0001', 'DE*CCS*RENEWED'), before
    assert second.speaks() == '01FE8001'
    console.close()
    evse.stop()


def case_console(cable, options):
    """One user at a time; no default token; wrong tokens lock; nonsense does no harm; secrets stay out of the log."""
    evse = start(cable, options)
    log_has(evse, 'no token is set')
    console = Console(cable.folder / 'console')
    console.ask('auth ', 'ERROR')
    console.ask('auth admin', 'ERROR no token is set')
    console.ask('pki set key iso2 new', 'ERROR no token is set')
    console.close()
    evse.stop()

    set_token(cable, options)
    evse = start(cable, options)
    path = cable.folder / 'console'
    assert path.stat().st_mode & 0o777 == 0o600
    console = Console(path)
    console.ask('help')
    second = Console(path)
    assert second.answer() == ['ERROR the console is in use']
    second.close()
    console.socket.sendall(bytes(range(256)) * 40 + b'\n' + b'A' * 600 + b'\n')
    while 'ERROR a line has at most' not in console.answer()[-1]:
        pass
    console.socket.sendall(b'time\n')
    while not console.answer()[-1].startswith('OK'):
        pass
    console.ask('s3cr3t-at-the-wrong-place', 'ERROR no such command')
    console.ask(f'auth {TOKEN}')
    console.ask('pki set key iso2 new')
    console.close()
    console = Console(path)
    console.ask('pki set key iso2 new', 'ERROR not authenticated')
    for _ in range(2):
        console.ask('auth wrong-wrong-wrong-wrong', 'ERROR wrong token; next try in 0 s')
    console.ask('auth wrong-wrong-wrong-wrong', 'ERROR wrong token; next try in 5 s')
    console.ask(f'auth {TOKEN}', 'ERROR locked')
    console.close()
    evse.stop()
    evse = start(cable, options)
    console = Console(path)
    assert re.match(r'ERROR locked after wrong tokens; next try in [1-5] s', console.ask(f'auth {TOKEN}', 'ERROR locked')[-1])
    console.close()
    text = evse.stop().process.text() + (cable.folder / 'evse.jsonl').read_text()
    for secret in (TOKEN, 'wrong-wrong', 's3cr3t'):
        assert secret not in text, f'"{secret}" is in the log'


def case_refused(cable, options):
    """A store that others can read, or that another program uses, a hook that is none: said at start, with its own exit code."""
    def refused(code, says, **settings):
        words = [word for key, value in settings.items() for word in ('--set', f'{key}={value}')]
        process = cable.start('se', [options.bin / 'ccs-evse', '--interface', 'se0', '--control', cable.folder / 'evse.sock',
                                     '--set', f'site.state={cable.folder / "state"}', *words], 'refused.log')
        ended = process.wait(10)
        text = process.text()
        assert ended == code and says in text, f'{settings}: {ended} instead of {code}: {text}'

    keys = cable.folder / 'keys'
    set_token(cable, options)
    refused(3, '[pki] console and hook need a store', **{'pki.console': cable.folder / 'console'})
    refused(11, 'hook program', **{'pki.store': keys, 'pki.hook': '/nonexistent/hook'})
    (keys / 'token').chmod(0o644)
    refused(11, 'keys/token: others may use it', **{'pki.store': keys})
    (keys / 'token').chmod(0o600)
    keys.chmod(0o711)
    refused(11, 'others may use it', **{'pki.store': keys})
    keys.chmod(0o700)
    evse = start(cable, options)
    refused(11, 'another program uses it', **{'pki.store': keys, 'site.state': cable.folder / 'another'})
    evse.stop()


if __name__ == '__main__':
    sys.exit(cases.run(globals(), [('openssl', 'openssl')]))
