#!/usr/bin/env python3
"""A power line with a modem behind each interface: what HomePlug Green PHY modems do for their hosts, and between them.

    plc_line.py [--far dB] [--near dB] [--deaf] NAME:IF[:charger|:open] ...

Hosts hang on the interfaces. MMEs reach every host, as on a real site; IPv6 passes only between modems that hold the same network
membership key (NMK). A modem answers CM_SET_KEY and VS_PL_LINK_STATUS itself; that of a charger measures each sound and tells its host
CM_ATTEN_PROFILE.IND: near where car and charger have the same number (ev1 and se1), far elsewhere; --deaf: far modems hear nothing. An
open host is one that has stolen every key: IPv6 passes to and from it, always.
The pilot wire of simulated chargers and cars (frames of type 88B6) lies beside: it joins those of the same number.
Prints what happens, one line each: "key NAME", "link NAME NAME", "parted NAME NAME".
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import select
import signal
import socket
import sys

LOCAL = bytes.fromhex('00B052000001')
SET_KEY_REQ, SET_KEY_CNF, SOUND, PROFILE = 0x6008, 0x6009, 0x6076, 0x6086
LINK_REQ, LINK_CNF = 0xA0B8, 0xA0B9
PACKET_OUTGOING = 4
CABLE = b'\x88\xb6'
GROUPS = 58


def say(*words):
    print(*words, flush=True)


def mme(destination, source, kind, body, version=1):
    head = destination + source + b'\x88\xe1' + bytes([version]) + kind.to_bytes(2, 'little') + (b'\0\0' if version else b'\x00\xb0\x52')
    return (head + body).ljust(60, b'\0')


class Modem:
    def __init__(self, text, number):
        self.name, interface, *role = text.split(':')
        self.charger = role == ['charger']
        self.open = role == ['open']
        self.pair = self.name.lstrip('abcdefghijklmnopqrstuvwxyz') or '1'
        self.mac = bytes.fromhex('00B05200') + number.to_bytes(2, 'big')
        self.nmk = os.urandom(16)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((interface, 0))

    def give(self, frame):
        try:
            self.socket.send(frame)
        except OSError:
            pass  # its interface is down


class Line:
    def __init__(self, options):
        self.options = options
        self.modems = [Modem(text, number) for number, text in enumerate(options.modem, 1)]
        self.links = set()

    def links_now(self):
        return {frozenset((a.name, b.name)) for a in self.modems for b in self.modems if a is not b and a.nmk == b.nmk}

    def key(self, modem, frame):
        modem.nmk = frame[41:57]
        say('key', modem.name)
        body = b'\x01' + bytes(4) + frame[20:24] + b'\x04\0\0\xff\0'
        modem.give(mme(frame[6:12], modem.mac, SET_KEY_CNF, body))
        now = self.links_now()
        for pair in sorted(map(sorted, now - self.links)):
            say('link', *pair)
        for pair in sorted(map(sorted, self.links - now)):
            say('parted', *pair)
        self.links = now

    def local(self, modem, frame):
        kind = int.from_bytes(frame[15:17], 'little')
        if kind == SET_KEY_REQ:
            self.key(modem, frame)
        elif kind == LINK_REQ:
            linked = any(modem.name in pair for pair in self.links)
            modem.give(mme(frame[6:12], modem.mac, LINK_CNF, bytes([0, linked]), version=0))

    def decibels(self, a, b):
        return self.options.near if a.pair == b.pair else self.options.far

    def hears(self, a, b):
        return a.pair == b.pair or not self.options.deaf

    def cable(self, modem, frame):
        for other in self.modems:
            if other is not modem and other.pair == modem.pair and not other.open:
                other.give(frame)

    def carry(self, modem, frame):
        slac = frame[12:14] == b'\x88\xe1'
        for other in self.modems:
            if other is modem or not self.hears(modem, other) or not (slac or other.nmk == modem.nmk or modem.open or other.open):
                continue
            other.give(frame)
            if slac and other.charger and int.from_bytes(frame[15:17], 'little') == SOUND:
                body = frame[6:12] + bytes([GROUPS, 0]) + bytes([self.decibels(modem, other)]) * GROUPS
                other.give(mme(b'\xff' * 6, other.mac, PROFILE, body))

    def turn(self):
        by_socket = {modem.socket: modem for modem in self.modems}
        for ready in select.select(list(by_socket), [], [])[0]:
            modem = by_socket[ready]
            try:
                frame, source = ready.recvfrom(4000)
            except OSError:
                continue
            if source[2] == PACKET_OUTGOING:
                continue
            if frame[12:14] == b'\x88\xe1' and frame[:6] in (LOCAL, modem.mac):
                self.local(modem, frame)
            elif frame[12:14] == CABLE:
                self.cable(modem, frame)
            else:
                self.carry(modem, frame)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--near', type=int, default=12)
    parser.add_argument('--far', type=int, default=42)
    parser.add_argument('--deaf', action='store_true')
    parser.add_argument('modem', nargs='+')
    line = Line(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    say('ready')
    while True:
        line.turn()


if __name__ == '__main__':
    main()
