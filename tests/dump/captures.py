"""Captures, written frame by frame: a session of our own messages in every link type and both file formats.
SPDX-License-Identifier: Apache-2.0
"""

import ipaddress
import struct

from program import FRAMES

EV, EVSE = (ipaddress.ip_address(text).packed for text in ("fe80::7", "fe80::1"))
ALL = ipaddress.ip_address("ff02::1").packed
ETHERNET, SLL, SLL2, NULL, RAW, LOOP = 1, 113, 276, 0, 101, 108


def ipv6(source, target, protocol, payload):
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + source + target + payload


def udp(source, target, ports, payload):
    return ipv6(source, target, 17, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload)


def tcp(from_ev, sequence, payload, flags=0x18, acknowledge=0):
    ports = (49200, 50001) if from_ev else (50001, 49200)
    header = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledge, 5 << 4, flags, 65535, 0, 0)
    return ipv6(*((EV, EVSE) if from_ev else (EVSE, EV)), 6, header + payload)


def v2gtp(frame, kind=0x8001):
    return struct.pack(">BBHI", 1, 0xFE, kind, len(frame)) + frame


WRAPPED = {
    ETHERNET: lambda packet: bytes(12) + b"\x86\xdd" + packet,
    SLL: lambda packet: bytes(14) + b"\x86\xdd" + packet,
    SLL2: lambda packet: b"\x86\xdd" + bytes(18) + packet,
    NULL: lambda packet: struct.pack("<I", 30) + packet,
    LOOP: lambda packet: struct.pack(">I", 24) + packet,
    RAW: lambda packet: packet,
}


def pcap(link, packets):
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for i, packet in enumerate(packets):
        out += struct.pack("<IIII", 1790000000 + i, 250000, len(packet), len(packet)) + packet
    return out


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(link, packets):
    return pcapng_of([link], [(0, packet) for packet in packets])


def pcapng_of(links, packets):
    """Interfaces of these link types; packets with the number of theirs."""
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += b"".join(block(1, struct.pack("<HHI", link, 0, 65535)) for link in links)
    for i, (interface, packet) in enumerate(packets):
        stamp = (1790000000 + i) * 1000000 + 250000
        out += block(6, struct.pack("<IIIII", interface, stamp >> 32, stamp & 0xFFFFFFFF, len(packet), len(packet)) + packet)
    return out


def session():
    """SDP, then SAP choosing DIN, then a CurrentDemand pair: as IP packets."""
    offer, choice = FRAMES["sap supportedAppProtocolReq"][1], FRAMES["sap supportedAppProtocolRes"][1]
    request, response = FRAMES["din CurrentDemandReq"][1], FRAMES["din CurrentDemandRes"][1]
    packets = [
        udp(EV, ALL, (49200, 15118), bytes.fromhex("01fe9000000000021000")),
        udp(EVSE, EV, (15118, 49200), bytes.fromhex("01fe900100000014") + EVSE + struct.pack(">HBB", 50001, 0x10, 0)),
        tcp(True, 99, b"", 0x02),
        tcp(False, 199, b"", 0x12, 100),
        tcp(True, 100, b"", 0x10, 200),
    ]
    numbers = {True: 100, False: 200}
    for from_ev, frame in ((True, offer), (False, choice), (True, request), (False, response)):
        octets = v2gtp(frame)
        packets.append(tcp(from_ev, numbers[from_ev], octets, acknowledge=numbers[not from_ev]))
        numbers[from_ev] += len(octets)
    return packets
