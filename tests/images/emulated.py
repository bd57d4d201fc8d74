"""A charger's image in QEMU, and a network namespace with a car at the other end of its Ethernet.
SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / 'tools/interop'))
import net                   # noqa: E402
from peers import Missing    # noqa: E402

QEMU = {
    'cortex-m3': ('qemu-system-arm', '-M mps2-an385 -cpu cortex-m3 -semihosting-config enable=on,target=native', 'lan9118'),
    'lx106': ('qemu-system-xtensa', '-M lx60-nommu -cpu lx106 -m 8M -semihosting', 'open_eth'),
}
START_S = 20


def require():
    """Raises Missing with the reason where an image cannot be run."""
    for program, _, _ in QEMU.values():
        if not shutil.which(program):
            raise Missing(f'no {program} (script/bootstrap)')
    if os.geteuid() != 0:
        raise Missing('network namespaces and TAP interfaces need root')
    if not os.path.exists('/dev/net/tun'):
        raise Missing('no /dev/net/tun')


def build(*targets):
    done = subprocess.run([ROOT / 'script/images', *targets], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 77:
        raise Missing(done.stdout.strip().removeprefix('skipped: '))
    assert done.returncode == 0, done.stdout


def command(target, image, *words):
    """QEMU with this image, without Ethernet."""
    program, board, _ = QEMU[target]
    elf = ROOT / 'build/images' / target / 'bin' / f'{image}.elf'
    return [program, *board.split(), '-kernel', str(elf), '-nographic', '-monitor', 'none', '-serial', 'stdio', *words]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Emulated:
    """One image, its bridge, and the namespace of its car. Nothing of it is shared with another run."""

    def __init__(self, target, name, folder):
        self.target, self.name, self.folder, self.processes = target, name, folder, []
        self.capture = folder / 'frames.pcap'

    def start(self, command, log, inside=False, **options):
        if inside:
            command = ['ip', 'netns', 'exec', self.name, *command]
        with open(self.folder / log, 'wb') as out:
            child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                     start_new_session=True, **options)
        self.processes.append(child)
        return child

    def text(self, log):
        return (self.folder / log).read_text(errors='replace')

    def wait_text(self, log, wanted, limit_s=START_S, begin=0):
        """Until the log says so, behind its first BEGIN characters."""
        deadline_s = time.monotonic() + limit_s
        while wanted not in self.text(log)[begin:]:
            assert time.monotonic() < deadline_s, f'{self.target}: no {wanted!r} in {log} within {limit_s} s:\n{self.text(log)}'
            time.sleep(0.05)

    def boot(self, image='charger', *words):
        """IMAGE and bridge run, the car's interface is up and has its address. WORDS: more for QEMU."""
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.bind(('127.0.0.1', 0))
        port = free_port()
        self.start([sys.executable, HERE / 'bridge.py', wire.fileno(), port, 'ev0', self.capture], 'bridge.log', inside=True,
                   pass_fds=[wire.fileno()])
        self.wait_text('bridge.log', 'bridge: up')
        for line in ('accept_dad', 'dad_transmits'):
            net.ip('netns', 'exec', self.name, 'sh', '-c', f'echo 0 > /proc/sys/net/ipv6/conf/ev0/{line}')
        net.ip('-n', self.name, 'link', 'set', 'ev0', 'address', '02:00:00:00:00:0e', 'up')
        ends = f'local.type=inet,local.host=127.0.0.1,local.port={port},remote.type=inet,remote.host=127.0.0.1'
        ethernet = f'dgram,id=n0,{ends},remote.port={wire.getsockname()[1]}'
        model = QEMU[self.target][2]
        self.qemu = self.start(command(self.target, image, '-netdev', ethernet, '-net', f'nic,model={model},netdev=n0', *words),
                               'image.log')
        wire.close()
        self.wait_text('image.log', 'ready')

    def frames(self):
        """[(seconds, frame)] of everything that passed."""
        data, at, found = self.capture.read_bytes(), 24, []
        while at + 16 <= len(data):
            seconds, micros, length, _ = struct.unpack_from('<IIII', data, at)
            found.append((seconds + micros / 1e6, data[at + 16:at + 16 + length]))
            at += 16 + length
        return found

    def stop(self):
        for child in self.processes:
            if child.poll() is None:
                child.kill()
            child.wait()


@contextlib.contextmanager
def emulated(target):
    name = f'ccsimage{os.getpid()}{target[:2]}'
    folder = pathlib.Path(tempfile.mkdtemp(prefix='ccs-image-'))
    net.ip('netns', 'add', name)
    image = Emulated(target, name, folder)
    try:
        yield image
    finally:
        image.stop()
        net.ip('netns', 'delete', name)
        if not os.environ.get('CCS_KEEP'):
            shutil.rmtree(folder)
