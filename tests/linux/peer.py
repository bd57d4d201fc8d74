#!/usr/bin/env python3
"""What a test does with bare sockets inside a namespace: SDP requests and TCP connections. Prints one line of JSON.

    peer.py sdp IF [COUNT]            sends COUNT requests (default 1), 100 ms apart, until one is answered
    peer.py plain IF                  from now on the kernel computes checksums itself: what forwards frames by hand needs it
    peer.py wire IF                   until SIGTERM: what goes over TCP (needs root)
    peer.py connect IF ADDRESS PORT   "open", "closed", "refused", "reset", or "silent": no answer to the SYN within 3 s
    peer.py advertise IF ADDRESS MAC  10 unsolicited Neighbour Advertisements: this address is now at our MAC; MAC: whom to tell
    peer.py record IF FILE            until SIGTERM: every HomePlug frame that comes in, a line of hex each
    peer.py replay IF FILE            sends them again, 5 ms apart
SPDX-License-Identifier: Apache-2.0
"""
import array
import fcntl
import json
import signal
import socket
import struct
import sys
import time

REQUEST = bytes.fromhex('01FE9000000000021000')  # no TLS, TCP


def sdp(interface, count=1):
    index = socket.if_nametoindex(interface)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        client.settimeout(0.1)
        for _ in range(int(count)):
            client.sendto(REQUEST, ('ff02::1', 15118, 0, index))
            try:
                answer, source = client.recvfrom(100)
            except TimeoutError:
                continue
            return {'answer': answer.hex(), 'from': source[0].split('%')[0], 'address': socket.inet_ntop(socket.AF_INET6, answer[8:24]),
                    'port': int.from_bytes(answer[24:26], 'big')}
    return {'answer': None}


def connect(interface, address, port):
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as client:
        client.settimeout(3)
        try:
            client.connect((address, int(port), 0, socket.if_nametoindex(interface)))
        except ConnectionRefusedError:
            return {'result': 'refused'}
        except TimeoutError:
            return {'result': 'silent'}
        try:
            return {'result': 'open' if client.recv(1) else 'closed'}
        except ConnectionResetError:
            return {'result': 'reset'}
        except TimeoutError:
            return {'result': 'open'}


def plain(interface):
    siocethtool, switches = 0x8946, {'tx checksums': 0x17, 'segmentation': 0x1f, 'gso': 0x24}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for command in switches.values():
            value = array.array('I', [command, 0])
            fcntl.ioctl(any_socket, siocethtool, struct.pack('16sP', interface.encode(), value.buffer_info()[0]))
    return {'plain': interface}


def packets(interface, ethertype):
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
    tap.bind((interface, ethertype))
    return tap


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def advertise(interface, address, mac):
    own = bytes.fromhex(open(f'/sys/class/net/{interface}/address', encoding='ascii').read().strip().replace(':', ''))
    source, everybody = socket.inet_pton(socket.AF_INET6, address), socket.inet_pton(socket.AF_INET6, 'ff02::1')
    body = bytes([136, 0, 0, 0, 0x20, 0, 0, 0]) + source + bytes([2, 1]) + own  # override
    total = checksum(source + everybody + struct.pack('!II', len(body), 58) + body)
    body = body[:2] + total.to_bytes(2, 'big') + body[4:]
    frame = bytes.fromhex(mac) + own + b'\x86\xdd' + struct.pack('!IHBB', 6 << 28, len(body), 58, 255) + source + everybody + body
    with packets(interface, 0x86dd) as tap:
        for _ in range(10):
            tap.send(frame)
            time.sleep(0.02)
    return {'told': 10}


def record(interface, path):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with packets(interface, 0x88e1) as tap, open(path, 'w', encoding='ascii') as file:
        print('listening', flush=True)
        while True:
            frame, source = tap.recvfrom(2000)
            if source[2] != 4:
                print(frame.hex(), file=file, flush=True)


def replay(interface, path):
    with packets(interface, 0x88e1) as tap:
        frames = [bytes.fromhex(line) for line in open(path, encoding='ascii')]
        for frame in frames:
            tap.send(frame)
            time.sleep(0.005)
    return {'sent': len(frames)}


def segments(data):
    """Source port, flags and payload of a TCP segment in an Ethernet frame; None: something else."""
    if data[12:14] != b'\x86\xdd' or data[20] != 6:
        return None
    tcp = data[54:54 + int.from_bytes(data[18:20], 'big')]
    return int.from_bytes(tcp[:2], 'big'), tcp[13], tcp[(tcp[12] >> 4) * 4:]


def wire(interface):
    """For each segment with a payload that the charger or the car sends: is it one whole V2GTP message?"""
    counts = {'whole': 0, 'other': 0, 'fin': 0, 'rst': 0}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(json.dumps(counts), flush=True)))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as tap:
        tap.bind((interface, 0))
        print('listening', flush=True)
        while True:
            found = segments(tap.recv(65535))
            if found:
                _, flags, payload = found
                counts['fin'] += flags & 1
                counts['rst'] += flags >> 2 & 1
                if payload:
                    whole = payload[:2] == b'\x01\xfe' and int.from_bytes(payload[4:8], 'big') == len(payload) - 8
                    counts['whole' if whole else 'other'] += 1


if __name__ == '__main__':
    commands = {'sdp': sdp, 'connect': connect, 'advertise': advertise, 'record': record, 'replay': replay, 'plain': plain, 'wire': wire}
    print(json.dumps(commands[sys.argv[1]](*sys.argv[2:])))
