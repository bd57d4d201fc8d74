#!/usr/bin/env python3
"""The TLS port as an image for a small target, against `openssl s_client` over the image's own lwIP: TLS 1.2, TLS 1.3 mutual with P-521
with and without remembered sub-CAs, and who must be refused. Tells what each handshake cost, in instructions that -icount counts.

    handshakes.py BIN      the folder of ccs-pki
SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'images'), str(HERE.parent.parent / 'bench')]
import emulated              # noqa: E402
import images                # noqa: E402
import vault                 # noqa: E402
from peers import Missing    # noqa: E402

TARGETS = ('cortex-m3', 'lx106')
BUFFERS = ('8192_8192', '16384_6144')
CHARGER = '[fe80::ff:feca:fe01%ev0]:64109'
CAR_S = 20
LINK = r'^link number (\d+) version (\d+) authenticated (\d) failure (\w+) verdict (\w+) cached (\d) (instructions .*)\n'
FREE = r'^free number \d+ arena (\d+) refused (\d+) guard_late_ms (\d+)\n'
SILENT_CARS = """
import os, socket, sys, time
address = socket.getaddrinfo('fe80::ff:feca:fe01%ev0', 64109, socket.AF_INET6, socket.SOCK_STREAM)[0][4]
cars = [socket.socket(socket.AF_INET6) for _ in range(50)]
print('silent: there', flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.005)
for car in cars:
    car.setblocking(False)
    car.connect_ex(address)
print('silent: come', flush=True)
time.sleep(60)
"""
SUITE_12 = ('-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256', '-groups', 'P-256')
SUITE_13 = ('-tls1_3', '-groups', 'P-521', '-sigalgs', 'ecdsa_secp521r1_sha512', '-ciphersuites', 'TLS_AES_256_GCM_SHA384')


class Cars:
    """openssl s_client in the car's namespace, one after the other."""

    def __init__(self, image, pki):
        self.image, self.pki, self.number = image, pki, 0

    def certificate(self, leaf, *above):
        tree = self.pki / 'iso20-p521'
        chain = self.image.folder / f'{leaf}.chain.pem'
        chain.write_text(''.join((tree / f'certs/{name}.pem').read_text() for name in above))
        return ['-cert', tree / f'certs/{leaf}.pem', '-key', tree / f'keys/{leaf}.key', '-cert_chain', chain]

    def wait_match(self, pattern, begin):
        """The first line that the image tells in this form behind its first BEGIN characters."""
        deadline_s = time.monotonic() + CAR_S
        while True:
            told = self.image.text('image.log')[begin:]
            match = re.search(pattern, told, re.MULTILINE)
            if match:
                return match
            assert time.monotonic() < deadline_s, f'{self.image.target}: no {pattern} in\n{told}'
            time.sleep(0.02)

    def come(self, tree, *words, meanwhile=None):
        """What s_client said; what the image told of the link, of its cost and of its end. MEANWHILE is called when the image has seen it."""
        self.number += 1
        begin = len(self.image.text('image.log'))
        root = self.pki / tree / 'certs/v2groot.pem'
        client = ['openssl', 's_client', '-connect', CHARGER, '-CAfile', root, '-verify_return_error', '-ign_eof', *words]
        with subprocess.Popen(['ip', 'netns', 'exec', self.image.name, *map(str, client)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as car:
            try:
                if meanwhile:
                    self.image.wait_text('image.log', f'come number {self.number}', CAR_S, begin)
                    meanwhile()
                said, _ = car.communicate('hello\n', timeout=CAR_S)
            finally:
                car.kill()
        free = self.wait_match(FREE, begin)
        link = self.wait_match(LINK, begin)
        names = link.group(7).split()
        cost = {name: int(value) for name, value in zip(names[::2], names[1::2])}
        return said, link.groups()[1:6], cost, [int(figure) for figure in free.groups()]


def greeted(said, who):
    assert f'hello from the charger, {who}' in said, said
    assert 'Verify return code: 0 (ok)' in said or 'Verification: OK' in said, said


def common_name(pki, leaf):
    subject = subprocess.run(['openssl', 'x509', '-in', pki / f'iso20-p521/certs/{leaf}.pem', '-noout', '-subject', '-nameopt', 'multiline'],
                             capture_output=True, text=True, check=True).stdout
    return re.search(r'commonName\s*=\s*(.*)', subject).group(1)


def story(image, pki):
    """The cars of one image; what their handshakes cost."""
    cars = Cars(image, pki)
    vehicle = cars.certificate('vehicle', 'vehsub2', 'vehsub1')
    costs, kept = {}, set()

    said, link, costs['12'], free = cars.come('iso2', *SUITE_12)
    assert link == ('12', '0', 'NONE', 'UNJUDGED', '0'), link
    greeted(said, '')
    kept.add(free[0])

    said, link, costs['13'], free = cars.come('iso20-p521', *SUITE_13, *vehicle)
    assert link == ('13', '1', 'NONE', 'GOOD', '0'), link
    greeted(said, common_name(pki, 'vehicle'))
    kept.add(free[0])

    said, link, costs['13_cached'], free = cars.come('iso20-p521', *SUITE_13, *vehicle)
    assert link == ('13', '1', 'NONE', 'GOOD', '1'), link
    greeted(said, common_name(pki, 'vehicle'))
    kept.add(free[0])

    said, link, costs['13_anonymous'], free = cars.come('iso20-p521', *SUITE_13)  # [V2G20-2400]
    assert link == ('13', '0', 'NO_CERTIFICATE', 'UNJUDGED', '0'), link
    assert 'hello from the charger' not in said, said
    kept.add(free[0])

    provisioning = cars.certificate('oemprov', 'oemsub2', 'oemsub1')  # of the same OEM root, for another role
    said, link, costs['13_provisioning'], free = cars.come('iso20-p521', *SUITE_13, *provisioning)
    assert link == ('13', '0', 'CERTIFICATE', 'PURPOSE_MISSING', '0'), link
    assert 'hello from the charger' not in said, said
    kept.add(free[0])

    assert len(kept) == 1, f'{image.target}: memory is lost from link to link: {kept}'
    assert free[2] == 0, f'{image.target}: a tick of the guard came {free[2]} ms late'
    return costs


def beside(image, pki):
    """While a mutual handshake keeps the CPU busy, cars that connect and stay silent cost it nothing, and no tick of the guard is late."""
    cars = Cars(image, pki)
    go = image.folder / 'go'
    image.start([sys.executable, '-c', SILENT_CARS, go], 'silent.log', inside=True)
    image.wait_text('silent.log', 'there')

    def silent_cars():
        go.touch()
        image.wait_text('image.log', 'busy', CAR_S)  # a SYN that found no place is sent again, and the link stands until its car speaks

    said, link, _, free = cars.come('iso20-p521', *SUITE_13, *cars.certificate('vehicle', 'vehsub2', 'vehsub1'), meanwhile=silent_cars)
    assert link == ('13', '1', 'NONE', 'GOOD', '0'), link
    greeted(said, common_name(pki, 'vehicle'))
    assert free[1] > 0, f'{image.target}: nobody was refused'
    assert free[2] == 0, f'{image.target}: a tick of the guard came {free[2]} ms late'


def boot(image, buffers, pki, shift):
    memory = image.folder / 'vault.bin'
    vault.write(pki, memory)
    image.boot(f'tls_{buffers}', '-icount', f'shift={shift}', '-device',
               f'loader,file={memory},addr={vault.ADDRESS[image.target]:#x},force-raw=on')


def affordable(target, buffers, costs):
    """The goals of docs/SIZES.md, which speak of one target."""
    if target != images.JUDGED:
        return
    for name, most in images.TLS_GOALS.items():
        assert costs[name]['instructions'] <= most, f'{name}: {costs[name]} is more than {most} instructions'
    memory = sum(images.tls_memory({(target, buffers, name): cost for name, cost in costs.items()}, target, buffers))
    assert memory <= images.TLS_BUFFERS[buffers], f'{buffers}: a handshake takes {memory} octets'


def run(target, buffers, pki):
    with emulated.emulated(target) as image:
        boot(image, buffers, pki, 0)
        ready = re.search(r'ready (.*)', image.text('image.log')).group(1).split()
        costs = story(image, pki)
    with emulated.emulated(target) as image:
        boot(image, buffers, pki, 2)  # a CPU of 250 MHz
        beside(image, pki)
    costs['start'] = {name: int(value) for name, value in zip(ready[::2], ready[1::2])}
    affordable(target, buffers, costs)
    return '\n'.join(f'{target} {buffers} {name}: ' + ' '.join(f'{key} {value}' for key, value in cost.items())
                     for name, cost in costs.items())


def main():
    program = pathlib.Path(sys.argv[1]).resolve() / 'ccs-pki'
    try:
        emulated.require()
        emulated.build(*TARGETS)
    except Missing as reason:
        print(f'skipped: images_tls: {reason}')
        return 77
    with tempfile.TemporaryDirectory(prefix='ccs-tls-') as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        pki = pathlib.Path(folder)
        subprocess.run([program, 'make', '--kind', 'p256', '--kind', 'p521', pki], check=True, stdout=subprocess.DEVNULL)
        for lines in pool.map(lambda target: '\n'.join(run(target, buffers, pki) for buffers in BUFFERS), TARGETS):
            print(lines)
    return 0


if __name__ == '__main__':
    sys.exit(main())
