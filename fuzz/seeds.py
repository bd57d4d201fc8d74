#!/usr/bin/env python3
"""Writes seeds for a fuzz harness: real shapes, so that the fuzzer starts inside the format.

    fuzz/seeds.py HARNESS DIRECTORY
SPDX-License-Identifier: Apache-2.0
"""

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHARED = os.environ.get("CCS_SHARED", os.path.join(ROOT, "..", "shared"))
SETS = {
    "exi_sap": "sap",
    "exi_din": "din",
    "exi_iso2": "iso2",
    "exi_iso20": "iso20",
    "exi_iso20_dc": "iso20-dc",
    "exi_xmldsig": "xmldsig",
}
SEEDS_MAX = 400

# Commands of fuzz/secc.c. A request is the number of its body element in din.h and what is special about it.
TICK, DISCOVER, CONNECT, SECURED, OFFER, SAY, CLOSED, ANSWER, STOP, PLUG = 31, 4, 5, 6, 9, 10, 11, 12, 14, 17
SETUP, SERVICES, PAYMENT, AUTHORIZATION, PARAMETERS, CABLE_CHECK = (30, 0), (26, 0), (28, 0), (12, 0), (8, 0), (2, 0)
PRE_CHARGE, START, LOOP, END, WELDING, LEAVE = (22, 0), (20, 1), (14, 0), (20, 0), (34, 0), (32, 0)
PILOT_C, DENIED, GRANTED = 3, 0, 1
LINK = [[DISCOVER, 0], [CONNECT, 0], [SECURED], [OFFER]]
SESSION = [[SAY, *SETUP], [ANSWER, GRANTED]] + [[SAY, *one] for one in (SERVICES, PAYMENT, AUTHORIZATION)] + [[ANSWER, GRANTED]]
CHARGE = [[SAY, *PARAMETERS], [PLUG, PILOT_C]]
for stage in (CABLE_CHECK, CABLE_CHECK, PRE_CHARGE, PRE_CHARGE, START, LOOP, LOOP, END, WELDING, LEAVE):
    CHARGE += [[SAY, *stage], [TICK], [TICK], [TICK]]
WHOLE = LINK + SESSION + CHARGE + [[CLOSED], [TICK]]

# With SLAC: a plug, a car that matches, its address, the link; then as above.
ODD, OCTETS, LIMITS, RESET = 3, 8, 13, 15
PASS, PASS_LONG, LATE, MME, RAW, MATCH, NEIGHBOUR, PLC, LINK_UP = 0, 1, 18, 19, 20, 21, 22, 23, 24
PROFILE_STRICT, SLAC, STRICT, PLUGGED, PILOT_B, OWN, FIELD_SETTINGS = 8, 32, 64, 128, 2, 0, 0
JOIN = [[PLUG, PILOT_B], [MATCH, 0], [NEIGHBOUR, OWN], [LINK_UP], [PASS, 200]]
SLAC_LINK = [[DISCOVER, 0, OWN], [CONNECT, 0], [SECURED], [OFFER]]
SLAC_WHOLE = JOIN + SLAC_LINK + SESSION + CHARGE + [[CLOSED], [TICK], [LATE, 0], [LATE, 1], [LATE, 2]]


# As they stand in fuzz/secc_line.c.
PARM, SOUNDING, SOUND, PROFILE, RESPONSE, MATCH_REQUEST, VALIDATE, AMPLITUDE, LINK_STATUS = range(9)


def said(*numbers):
    """Messages of the own car with nothing wrong."""
    return [[MME, number, OWN, 0] for number in numbers]


def wrong_messages():
    """Each message of a match, right; before it once each thing that can be wrong with it: RunID, senders, fields, length, version."""
    rows = said(PARM, SOUNDING, SOUND, PROFILE, PROFILE, RESPONSE, MATCH_REQUEST)
    wrong = [(4, 0), (8, 0), (16, 0), (32, 0), (48, 0), (0, 2, 19, 255), (0, 2, 21, 1), (0, 2, 30, 1), (0, 4, 20), (0, 8, 200), (0, 16), (0, 80)]
    for place, row in enumerate(rows):
        for how in wrong:
            yield [[PLUG, PILOT_B]] + rows[:place] + [[MME, row[1], *how]] + rows[place:]


def slac_faults():
    """Silence, a modem that fails, a link that goes, a car that begins again, strangers."""
    lost = [[MME, LINK_STATUS, OWN, 1, 1]] * 3
    no_link = [[PLUG, PILOT_B], [MATCH, 0], [PASS_LONG, 16, 0], *[[TICK]] * 3, [PASS_LONG, 4, 0], [PASS_LONG, 4, 0]]
    yield JOIN + [[MME, AMPLITUDE, OWN, 1, 9]] + said(PARM, MATCH_REQUEST) + [[PASS_LONG, 20, 0], [RAW, 3, 1, 2, 3]]
    yield [[PLUG, PILOT_B], [PASS_LONG, 50, 0], [TICK], [PASS_LONG, 50, 0]]
    yield no_link
    yield JOIN + lost
    yield JOIN + SLAC_LINK + lost + [[TICK]] * 5
    yield [[PLUG, PILOT_B], [MATCH, 0], *said(PARM), [MATCH, 1]]
    yield [[PLUG, PILOT_B], *said(PARM, SOUNDING, SOUND, PROFILE, PROFILE), *[[PASS, 200]] * 4]
    yield JOIN + [[NEIGHBOUR, 5], [DISCOVER, 0, 16], [DISCOVER, 0, 17], [DISCOVER, 2, OWN, 9, 9, 9], [LATE, 0]]
    for how in (11, 13):  # it confirms no key; there are no random octets
        yield [[PLC, 8], [PLC, how], *[[PASS_LONG, 1, 0]] * 20, [PLUG, PILOT_B], [PLC, 9], [PASS_LONG, 20, 0]]


def din_faults():
    """Each request where it does not belong, each stop, limits, an offer that nobody knows, and tries again."""
    for number in range(2, 36, 2):
        yield SESSION + [[SAY, number, 0]] + [[TICK]] * 3
        yield SESSION + CHARGE[:10] + [[SAY, number, 0]] + [[TICK]] * 3
    for stop in (0, 1, 2):
        yield SESSION + CHARGE[:24] + [[STOP, stop]] + CHARGE[24:] + [[CLOSED]] + [[PASS_LONG, 4, 0], [TICK]] * 4 + [[RESET], [TICK]]
    yield [[LIMITS, 100, 0, 100, 0, 100, 0]] + SESSION + CHARGE[:24] + [[LIMITS, 10, 0, 10, 0, 10, 0]] + CHARGE[24:]
    with_options = [[SAY, one[1], one[2] | 8] if one[0] == SAY else one for one in SESSION + CHARGE]
    yield [[LIMITS, 100, 0, 100, 0, 100, 0], *with_options]
    yield [[SAY, *SETUP], [ANSWER, GRANTED], [SAY, *SERVICES], [SAY, *PAYMENT], [SAY, *AUTHORIZATION], [ANSWER, DENIED], [SAY, *AUTHORIZATION]]
    yield SESSION + [[SAY, LEAVE[0], 16]]
    yield [[OCTETS, 4, 0x80, 1, 2, 3]] * 3 + [[TICK]] * 3
    yield SESSION + [[OCTETS, 4, 0x80, 1, 2, 3]] * 3 + [[TICK]] * 3
    yield SESSION + CHARGE[:20] + [[ODD, 7, 1, 2, 0, 0, 0, *[0] * 8, 1]] + [[PASS_LONG, 4, 0], [TICK]] * 6


def slac_seeds():
    told = [*wrong_messages(), *slac_faults(), *(JOIN + SLAC_LINK + one for one in din_faults())]
    told += [JOIN + SLAC_LINK[:-1] + [[SAY, *SETUP]] * 4]
    made = [bytes([settings, FIELD_SETTINGS]) + bytes(sum(one, [])) for one in told for settings in (SLAC, SLAC + STRICT + PROFILE_STRICT)]
    asked = said(PARM, SOUNDING, SOUND, PROFILE, PROFILE, RESPONSE, VALIDATE)
    toggles = [[PLUG, PILOT_C], [PASS, 250], [PLUG, PILOT_B], [PASS, 250]] * 2
    for validation in (0, 1, 2):
        for second in ([[MME, VALIDATE, OWN, 1, 19], *toggles], [[PASS_LONG, 2, 0]] * 3, [[MME, VALIDATE, OWN, 3, 19, 19, 1]]):
            whole = [[PLUG, PILOT_B]] + asked + second + [[PASS_LONG, 2, 0]] + said(MATCH_REQUEST)
            made.append(bytes([SLAC, validation]) + bytes(sum(whole, [])))
    starts = (SLAC, SLAC + 1, SLAC + STRICT, SLAC + PLUGGED)
    return made + [bytes([start, FIELD_SETTINGS]) + bytes(sum(SLAC_WHOLE[:end], [])) for start in starts for end in range(2, len(SLAC_WHOLE) + 1, 4)]


GOOD = bytes.fromhex("01fe800100000003aabbcc")
V2GTP = [
    GOOD * 3,
    b"\xff\xfe" + GOOD[2:] + GOOD,
    GOOD[:4] + b"\0\0\0\0" + GOOD,
    b"\x01" + GOOD,
    bytes.fromhex("01fe700100000003aabbcc"),
]
SDP = [bytes.fromhex("01fe9000000000021000"), bytes.fromhex("01fe900100000014fe800000000000000000000000000001c3511000")]
IPV6 = bytes.fromhex(
    "60000000001a0640fe800000000000000000000000000007fe800000000000000000000000000001"
    "c030c35100000064000000c86018ffff0000000002040578abcd"
)
# A ClientHello of each kind of car, in one record and in many.
ISO2_LISTS = bytes.fromhex("000a000400020017" "000d000400020403" "0003001700150302030405060708090a0b0c0d0e0f1011121314150000")
ISO20_LISTS = bytes.fromhex(
    "002b00050403040303" "000a00060004001900 1e" "000d00060004060308 08" "002f0008000600043002 3100" "003300080006001900020405" "00050005010000 0000"
)
FRAMES = [(0, bytes(12) + b"\x86\xdd" + IPV6), (1, bytes(14) + b"\x86\xdd" + IPV6), (5, IPV6)]

PACKET = bytes.fromhex("00000046aaaaaaaa3c000000") + bytes(60) + b"\x55\x55"
# Signature twice, configuration, then CPU_ON, signature twice, empty buffer; then supervision, a frame out, a packet in.
CHIP = bytes([4, 0, 0, 0, 4, 2, 0, 0, 1, 0]) + bytes([0, 3, 0xFF, 0, 74]) + PACKET + bytes([7, 9, 1, 1] * 20)
MODEM = bytes.fromhex("02000000000100b05200001188e1")
CONFIRMS = ("0001a000b052002224" + "41" * 36, "0025a000b05200000000020001000000f400000000000000000002", "01096000000100000000", "010d60000000")
STARTUP = b"".join(bytes([60]) + (MODEM + bytes.fromhex(text)).ljust(60, b"\0") for text in CONFIRMS) + b"\x1f" * 8


def own(name):
    with open(os.path.join(ROOT, "tests", "exi", "vectors.txt"), encoding="utf-8") as file:
        words = [line.split() for line in file if not line.startswith("#")]
    return [bytes.fromhex(line[1]) for line in words if line and line[0] == name]


def shared(name):
    """Frames of a set in the vectors beside the repository, where they are."""
    place, found = os.path.join(SHARED, "vectors"), []
    for path in sorted(os.listdir(place)) if os.path.isdir(place) else []:
        if path.endswith(".jsonl"):
            with open(os.path.join(place, path), encoding="utf-8") as lines:
                records = [json.loads(line) for line in lines]
            found += [bytes.fromhex(record["hex"]) for record in records if record.get("protocol") == name and "hex" in record]
    return found


def found_before(harness):
    """Inputs that have ended in a finding once: fuzz/found/HARNESS.txt, a line of hexadecimal each."""
    path = os.path.join(ROOT, "fuzz", "found", harness + ".txt")
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii") as file:
        return [bytes.fromhex(line) for line in file if not line.startswith("#")]


def vectors(name):
    found = own(name) + shared(name)
    return found[:: max(1, len(found) // SEEDS_MAX)]


def hello(suites, extensions, record):
    body = b"\x03\x03" + bytes(33) + len(suites).to_bytes(2, "big") + suites + b"\x01\0" + len(extensions).to_bytes(2, "big") + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    parts = [message[at : at + record] for at in range(0, len(message), record)]
    return b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in parts)


def hellos():
    cars = [(b"\xc0\x23\xc0\x25", ISO2_LISTS), (b"\x13\x02\x13\x03\xc0\x23", ISO20_LISTS)]
    return [hello(*car, record) for car in cars for record in (16384, 40)]


def certificates():
    """A leaf and the root that has issued it, made by the openssl command where there is one."""
    if not shutil.which("openssl"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        key, root, leaf = (os.path.join(folder, name) for name in ("key", "root", "leaf"))
        request = ["openssl", "req", "-x509", "-config", "/dev/null", "-days", "9000", "-key", key]
        of_root = ["-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        of_leaf = ["-addext", "basicConstraints=critical,CA:false", "-addext", "keyUsage=critical,digitalSignature",
                   "-addext", "extendedKeyUsage=serverAuth", "-addext", "authorityInfoAccess=OCSP;URI:http://o.example/"]
        for command in (["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                        [*request, "-subj", "/DC=V2G/CN=Root", *of_root, "-out", root],
                        [*request, "-subj", "/DC=CPO/C=DE/O=x/CN=DEABCE1", *of_leaf, "-CA", root, "-CAkey", key, "-out", leaf]):
            subprocess.run(command, check=True, capture_output=True)
        response = os.path.join(folder, "response")
        ocsp = ["openssl", "ocsp", "-issuer", root, "-cert", leaf, "-index", "/dev/null", "-rsigner", root, "-rkey", key, "-CA", root]
        subprocess.run([*ocsp, "-ndays", "9000", "-respout", response], check=False, capture_output=True)
        made = [ssl.PEM_cert_to_DER_cert(open_text(path)) for path in (leaf, root)]
        made[:0] = revocation_list(folder, root, key)
        if os.path.exists(response):
            with open(response, "rb") as file:
                made.insert(0, file.read())
        return made


def revocation_list(folder, root, key):
    """Of the root, with one entry."""
    settings, index, made = (os.path.join(folder, name) for name in ("settings", "index", "crl"))
    with open(settings, "w", encoding="ascii") as file:
        file.write(f"[ca]\ndefault_ca=one\n[one]\ndatabase={index}\ndefault_md=sha256\n")
    with open(index, "w", encoding="ascii") as file:
        file.write("R\t400101000000Z\t240101000000Z,keyCompromise\t0102\tunknown\t/CN=x\n")
    command = ["openssl", "ca", "-gencrl", "-config", settings, "-cert", root, "-keyfile", key, "-crldays", "9000", "-out", made]
    subprocess.run(command, check=False, capture_output=True)
    der = subprocess.run(["openssl", "crl", "-in", made, "-outform", "DER"], check=False, capture_output=True).stdout
    return [der] if der else []


def open_text(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def console():
    """What a provisioning program types, whole and cut short."""
    pem = [ssl.DER_cert_to_PEM_cert(der).encode() for der in certificates()[-2:]]
    chains = [b"pki set %s\n" % what + b"".join(pem) + b".\n" for what in (b"cert", b"ca v2g", b"key iso20")]
    words = [b"pki set key iso2 new\npki csr iso2 NAME\npki list\npki get key\n", b"pki set key\nZm9v\nYg==\n.\npki drop cert iso2\n",
             b"auth a token of the fuzzer's own\nlogout\ntime\nhelp\n", b"pki set key iso20 pkcs11:token=a;object=b\n",
             b"pki drop ca v2g " + b"0A:" * 31 + b"0A\n"]
    return chains + words


def behind_lengths(parts):
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def seeds(harness):
    if harness == "tls_hello":
        return hellos()
    if harness == "v2gtp":
        return [bytes([control]) + stream for stream in V2GTP for control in (0, 6, 17, 31)]
    if harness == "sdp":
        return SDP
    if harness == "capture":
        return [bytes([link]) + len(frame).to_bytes(2, "big") + frame for link, frame in FRAMES]
    if harness == "pki":
        made = certificates()
        return [bytes([how]) + behind_lengths(made[start:]) for start in range(len(made)) for how in (0, 1, 3, 0x3F, 0x61)]
    if harness == "secc":
        return [bytes([settings]) + bytes(sum(WHOLE[:end], [])) for settings in (0, 1, 31) for end in range(4, len(WHOLE) + 1, 4)] + slac_seeds()
    if harness == "qca7000":
        return [bytes([mode]) + PACKET * 3 for mode in (1, 7, 201)] + [bytes([mode]) + CHIP for mode in (0, 6, 8)]
    if harness == "qca_startup":
        return [bytes([key]) + STARTUP for key in (0, 1)]
    if harness == "console":
        return [bytes([how]) + text for text in console() for how in (1, 15, 254, 255)]
    name = SETS[harness]
    return [b"\2" + frame for frame in vectors(name)] + [b"\3" + frame for frame in vectors(name + "-frag")]


def main():
    harness, directory = sys.argv[1:3]
    for seed in seeds(harness) + found_before(harness):
        path = os.path.join(directory, hashlib.sha1(seed).hexdigest())
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.write(seed)


if __name__ == "__main__":
    main()
