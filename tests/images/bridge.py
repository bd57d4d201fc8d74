#!/usr/bin/env python3
"""Joins QEMU's Ethernet (datagrams on an inherited UDP socket) with a TAP interface of this network namespace, and keeps every frame in a
capture.

    bridge.py SOCKET_FD QEMU_PORT INTERFACE CAPTURE
SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import os
import select
import socket
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000


def tap(name):
    file = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack('16sH', name.encode(), IFF_TAP | IFF_NO_PI))
    return file


def main():
    wire = socket.socket(fileno=int(sys.argv[1]))
    qemu = ('127.0.0.1', int(sys.argv[2]))
    interface = tap(sys.argv[3])
    print('bridge: up', flush=True)
    with open(sys.argv[4], 'wb', buffering=0) as capture:
        capture.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        while True:
            for ready in select.select([wire, interface], [], [])[0]:
                try:
                    frame = wire.recv(65536) if ready is wire else os.read(interface, 65536)
                    if ready is wire:
                        os.write(interface, frame)
                    else:
                        wire.sendto(frame, qemu)
                except OSError:
                    continue  # the interface is not up yet, or QEMU is not there yet or any more: a frame is lost, as on a wire
                now_us = time.time_ns() // 1000
                capture.write(struct.pack('<IIII', now_us // 1000000, now_us % 1000000, len(frame), len(frame)) + frame)


if __name__ == '__main__':
    main()
