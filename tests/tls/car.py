"""A car of sockets, for tests that count octets: SDP, TCP from the car's own address, and what a stranger to the standard would send.
Runs in the car's namespace; its commands come as lines of JSON, and one line of JSON answers each.

SPDX-License-Identifier: Apache-2.0
"""
import json
import socket
import ssl
import struct
import sys

INDEX = socket.if_nametoindex('ev0')
held = {}


def sdp(security, tries=60):
    """security: 0 with TLS, 16 without. None: no answer."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, INDEX)
        client.settimeout(0.25)
        for _ in range(tries):
            client.sendto(bytes.fromhex('01FE900000000002') + bytes([security, 0]), ('ff02::1', 15118, 0, INDEX))
            try:
                answer = client.recv(100)
            except TimeoutError:
                continue
            return {'address': socket.inet_ntop(socket.AF_INET6, answer[8:24]), 'port': int.from_bytes(answer[24:26], 'big'), 'tls': answer[26] == 0}
    return None


def connect(name, address, port):
    """How TCP went: "open", "refused", "reset", "silent"."""
    one = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    one.settimeout(3)
    try:
        one.connect((address, port, 0, INDEX))
    except ConnectionRefusedError:
        return 'refused'
    except ConnectionResetError:
        return 'reset'
    except TimeoutError:
        return 'silent'
    held[name] = one
    return 'open'


def connect_many(name, count, address, port):
    """At once, as a flood comes: all SYNs, then a look at what came of them."""
    results = {'open': 0, 'refused': 0, 'under way': 0}
    begun = []
    for _ in range(count):
        one = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex((address, port, 0, INDEX))
        begun.append(one)
    for number, one in enumerate(begun):
        one.settimeout(0.2)
        try:
            one.connect((address, port, 0, INDEX))
            results['open'] += 1
        except ConnectionRefusedError:
            results['refused'] += 1
            continue
        except OSError as why:
            results['open' if why.errno == 106 else 'refused' if why.errno in (104, 111) else 'under way'] += 1
        held[f'{name}{number}'] = one
    return results


def send(name, octets, pieces=0):
    """pieces: octets of each segment; 0: all at once. False: the other end has gone."""
    octets = bytes.fromhex(octets)
    held[name].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        for at in range(0, len(octets), pieces or len(octets)):
            held[name].sendall(octets[at:at + (pieces or len(octets))])
    except OSError:
        return False
    return True


def hear(name, limit_s=5):
    """All that comes until the other end closes: how it ended, and the octets."""
    octets = b''
    held[name].settimeout(limit_s)
    try:
        while piece := held[name].recv(65536):
            octets += piece
    except ConnectionResetError:
        return {'end': 'reset', 'octets': octets.hex()}
    except TimeoutError:
        return {'end': 'open', 'octets': octets.hex()}
    return {'end': 'closed', 'octets': octets.hex()}


def tls(name, roots, said=''):
    """A handshake of TLS 1.2 over the connection; then said. All that was sent, in hex, and what was answered in the clear."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(roots)
    arriving, leaving, sent = ssl.MemoryBIO(), ssl.MemoryBIO(), b''
    link = context.wrap_bio(arriving, leaving)

    def until(step):
        nonlocal sent
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                piece = leaving.read()
                sent += piece
                held[name].sendall(piece)
                arriving.write(held[name].recv(65536))
    held[name].settimeout(5)
    until(link.do_handshake)
    if said:
        link.write(bytes.fromhex(said))
        answer = until(lambda: link.read(1000)).hex()
    else:
        answer = ''
    return {'sent': sent.hex(), 'answer': answer}


def hello():
    """A ClientHello as a stock client sends it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    leaving = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), leaving).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return leaving.read().hex()


def drop(name, how='close'):
    if how == 'reset':
        held[name].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    held.pop(name).close()
    return True


COMMANDS = {command.__name__: command for command in (sdp, connect, connect_many, send, hear, tls, hello, drop)}

if __name__ == '__main__':
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        print(json.dumps(COMMANDS[command](*arguments)), flush=True)
