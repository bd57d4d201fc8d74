"""ccs-dump from outside: what it prints, what it refuses, and how it ends.

Messages are those of bench/frames.tsv, our own; captures are written here, frame by frame.
SPDX-License-Identifier: Apache-2.0
"""

import ipaddress
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(os.environ.get("CCS_BUILD", os.path.join(ROOT, "build", "release")), "bin", "ccs-dump")


def frames():
    with open(os.path.join(ROOT, "bench", "frames.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")][1:]
    return {name: (kind, bytes.fromhex(text)) for name, kind, text in rows}


FRAMES = frames()
DEMAND = FRAMES["din CurrentDemandReq"][1].hex()


def run(*arguments, text=""):
    done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


class Decode(unittest.TestCase):
    def test_every_form_of_hexadecimal(self):
        spaced = " ".join(DEMAND[i : i + 2] for i in range(0, len(DEMAND), 2))
        framed = "01fe8001" + f"{len(DEMAND) // 2:08x}" + DEMAND
        for words in (
            [DEMAND],
            [DEMAND.upper()],
            ["0x" + DEMAND],
            spaced.split(),
            [spaced],
            [framed],
            ["01 FE 80 01 " + framed[8:]],
        ):
            code, out, _ = run("decode", "-p", "din", *words)
            self.assertEqual(code, 0)
            body = json.loads(out)["V2G_Message"]["Body"]["CurrentDemandReq"]
            self.assertEqual(body["EVTargetVoltage"], {"Multiplier": -1, "Unit": "V", "Value": 4650})
            self.assertIs(body["ChargingComplete"], False)

    def test_standard_input(self):
        code, out, _ = run("decode", "-p", "din", "--compact", "-", text="0x" + DEMAND[:20] + "\n" + DEMAND[20:] + "\n")
        self.assertEqual(code, 0)
        self.assertEqual(out.count("\n"), 1)

    def test_set_is_guessed_and_named(self):
        for name, (kind, frame) in FRAMES.items():
            code, out, _ = run("decode", "--compact", frame.hex())
            self.assertEqual(code, 0, name)
            self.assertIn(kind, [json.loads(line)["set"] for line in out.splitlines()], name)

    def test_v2gtp_type_narrows_the_guess(self):
        frame = FRAMES["iso20-dc DC_ChargeLoopReq"][1]
        for kind, expected in (("8004", 0), ("8001", 1), ("9000", 1)):
            code, out, _ = run("decode", f"01fe{kind}{len(frame):08x}" + frame.hex())
            self.assertEqual(code, expected)
            if code == 0:
                self.assertEqual(json.loads(out)["set"], "iso20-dc")

    def test_surplus_octets_are_told(self):
        code, out, err = run("decode", "-p", "din", DEMAND + "00")
        self.assertEqual(code, 0)
        self.assertIn("1 octets behind", err)
        self.assertTrue(json.loads(out))

    def test_faults_have_bit_and_path(self):
        code, out, err = run("decode", "-p", "din", DEMAND[:40])
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"din: bit \d+, V2G_Message/Body/CurrentDemandReq/\S+: input ends")

    def test_bad_input(self):
        for words, code in ((["80zz"], 1), ([""], 1), (["809"], 1), (["01fe80010000000580"], 1), (["ff"], 1), ([], 2)):
            self.assertEqual(run("decode", *words)[0], code, words)
        self.assertEqual(run("decode", "-p", "din2", "80")[0], 2)
        self.assertEqual(run("decode", "--nothing", "80")[0], 2)
        self.assertEqual(run("explain", "80")[0], 2)
        self.assertEqual(run()[0], 2)


class Encode(unittest.TestCase):
    def test_takes_what_decode_prints(self):
        for name, (kind, frame) in FRAMES.items():
            for arguments in (("-p", kind), ("-p", kind, "--compact")):
                _, out, _ = run("decode", *arguments, frame.hex())
                self.assertEqual(run("encode", "-p", kind, text=out), (0, frame.hex() + "\n", ""), name)

    def test_takes_the_set_from_a_guess(self):
        frame = FRAMES["iso2 PaymentDetailsReq"][1]
        _, out, _ = run("decode", frame.hex())
        self.assertEqual(run("encode", text=out)[1].strip(), frame.hex())

    def test_fragment_there_and_back(self):
        info = {
            "SignedInfo": {
                "CanonicalizationMethod": {"@Algorithm": "a"},
                "SignatureMethod": {"@Algorithm": "b"},
                "Reference": [{"@URI": "#id1", "DigestMethod": {"@Algorithm": "c"}, "DigestValue": "AAEC"}],
            }
        }
        code, out, err = run("encode", "-p", "xmldsig", "--fragment", text=json.dumps(info))
        self.assertEqual(code, 0, err)
        self.assertTrue(out.startswith("8081"))
        self.assertEqual(json.loads(run("decode", "-p", "xmldsig", "--fragment", out.strip())[1]), info)

    def changed(self, change):
        document = json.loads(run("decode", "-p", "din", DEMAND)[1])
        change(document["V2G_Message"])
        code, out, err = run("encode", "-p", "din", text=json.dumps(document))
        self.assertEqual((code, out), (1, ""))
        return err

    def test_refusals_name_the_place(self):
        path = "V2G_Message/Body/CurrentDemandReq"
        status = path + "/DC_EVStatus"

        def body(message):
            return message["Body"]["CurrentDemandReq"]

        cases = (
            (lambda m: body(m).update(EVTargetPower=1), path + "/EVTargetPower: is not a name"),
            (lambda m: body(m)["DC_EVStatus"].update(EVErrorCode="TIRED"), status + '/EVErrorCode: has no value "TIRED"'),
            (lambda m: body(m)["DC_EVStatus"].update(EVRESSSOC=101), status + "/EVRESSSOC: value outside"),
            (lambda m: body(m)["DC_EVStatus"].update(EVRESSSOC=1.5), status + "/EVRESSSOC: is not a whole number"),
            (lambda m: body(m)["DC_EVStatus"].update(EVRESSSOC=-1), status + "/EVRESSSOC"),
            (lambda m: body(m)["DC_EVStatus"].update(EVRESSSOC=None), status + "/EVRESSSOC"),
            (lambda m: body(m)["DC_EVStatus"].update(EVReady=1), status + "/EVReady: is not true or false"),
            (lambda m: body(m)["DC_EVStatus"].pop("EVReady"), status + "/EVReady: mandatory"),
            (lambda m: body(m).pop("EVTargetVoltage"), path + "/EVTargetVoltage: mandatory"),
            (lambda m: body(m).update(EVTargetVoltage=[]), path + "/EVTargetVoltage: may not repeat"),
            (lambda m: body(m).update(EVTargetVoltage=400), path + "/EVTargetVoltage: is not an object"),
            (lambda m: body(m)["EVTargetVoltage"].update(Value=40000), path + "/EVTargetVoltage/Value"),
            (lambda m: m["Header"].update(SessionID="XY"), "V2G_Message/Header/SessionID: is not hexadecimal"),
            (lambda m: m["Header"].update(SessionID="00" * 9), "V2G_Message/Header/SessionID: string, octets"),
            (lambda m: m["Body"].update(SessionStopReq={}), "V2G_Message/Body/SessionStopReq: stands beside another"),
        )
        for change, expected in cases:
            self.assertIn(expected, self.changed(change))

    def test_not_even_json(self):
        for text in ("", "{", "[]", "{}", '{"a": 1} x', "\0", '{"V2G_Message": {}, "Other": {}}'):
            self.assertEqual(run("encode", "-p", "din", text=text)[0], 1, text)
        twice = '{"V2G_Message": {"Header": {"SessionID": "00", "SessionID": "01"}, "Body": {}}}'
        self.assertIn("is there twice", run("encode", "-p", "din", text=twice)[2])
        self.assertEqual(run("encode", text='{"V2G_Message": {}}')[0], 2)
        self.assertEqual(run("encode", "-p", "din", "/nowhere")[0], 3)

    def test_numbers_beyond_53_bits_are_strings(self):
        document = {
            "SessionSetupReq": {"Header": {"SessionID": "0011223344556677", "TimeStamp": "18446744073709551615"}, "EVCCID": "W"}
        }
        code, out, err = run("encode", "-p", "iso20", text=json.dumps(document))
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(run("decode", "-p", "iso20", out.strip())[1]), document)
        document["SessionSetupReq"]["Header"]["TimeStamp"] = "18446744073709551616"
        self.assertEqual(run("encode", "-p", "iso20", text=json.dumps(document))[0], 1)

    def test_serial_numbers_of_any_size(self):
        for serial in (0, -1, 2**53, str(2**53 + 1), str(2**159 + 12345), str(-(2**159))):
            issuer = {"X509Data": {"X509IssuerSerial": [{"X509IssuerName": "CN=ours", "X509SerialNumber": serial}]}}
            code, out, err = run("encode", "-p", "xmldsig", "--fragment", text=json.dumps(issuer))
            self.assertEqual(code, 0, err)
            self.assertEqual(json.loads(run("decode", "-p", "xmldsig", "--fragment", out.strip())[1]), issuer)

    def test_unlike_items_keep_their_order(self):
        for data in (
            {"X509SKI": ["AAEC", "AwQ="], "X509SubjectName": ["CN=a"]},
            {"X509SubjectName": ["CN=a"], "X509SKI": ["AAEC"]},
            {"*": [{"X509SKI": "AAEC"}, {"X509SubjectName": "CN=a"}, {"X509SKI": "AwQ="}]},
        ):
            code, out, err = run("encode", "-p", "xmldsig", "--fragment", text=json.dumps({"X509Data": data}))
            self.assertEqual(code, 0, err)
            back = json.loads(run("decode", "-p", "xmldsig", "--fragment", out.strip())[1])["X509Data"]
            self.assertEqual(list(back.items()), list(data.items()))


class Roundtrip(unittest.TestCase):
    def test_a_line_for_a_line(self):
        lines = [f"{kind} {frame.hex()}" for kind, frame in FRAMES.values()]
        bad = ["", "din", "din 80zz", "nonsense 80", "din " + DEMAND[:30], "sap " + DEMAND]
        code, out, _ = run("roundtrip", text="\n".join(lines + bad))
        self.assertEqual(code, 0)
        got = out.splitlines()
        self.assertEqual(got[: len(lines)], [frame.hex() for _, frame in FRAMES.values()])
        self.assertEqual(len(got), len(lines) + len(bad))
        for line in got[len(lines) :]:
            self.assertRegex(line, r"^error \d+ \S+: .+$")

    def test_line_ends_and_guesses(self):
        self.assertEqual(run("roundtrip", text=f"din {DEMAND}\r\n{DEMAND}\n")[1], f"{DEMAND}\n{DEMAND}\n")

    def test_answers_before_the_next_question(self):
        with subprocess.Popen([PROGRAM, "roundtrip"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            for _ in range(3):
                program.stdin.write(f"din {DEMAND}\n")
                program.stdin.flush()
                self.assertEqual(program.stdout.readline().strip(), DEMAND)
            program.stdin.close()


# ---- captures

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


def pcapng(link, packets):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, struct.pack("<HHI", link, 0, 65535))
    for i, packet in enumerate(packets):
        stamp = (1790000000 + i) * 1000000 + 250000
        out += block(6, struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(packet), len(packet)) + packet)
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


EXPECTED = [
    "SDP request",
    "SDP response",
    "supportedAppProtocolReq",
    "supportedAppProtocolRes",
    "CurrentDemandReq",
    "CurrentDemandRes",
]


class Pcap(unittest.TestCase):
    def dump(self, capture, *options):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(capture)
            file.flush()
            return run("pcap", *options, file.name)

    def entries(self, capture, code=0):
        got, out, err = self.dump(capture, "--json")
        self.assertEqual(got, code, err)
        return [json.loads(line) for line in out.splitlines()]

    def messages(self, capture):
        return [entry.get("message", entry["kind"]) for entry in self.entries(capture)]

    def test_every_link_type_and_both_formats(self):
        for link, wrap in WRAPPED.items():
            packets = [wrap(packet) for packet in session()]
            self.assertEqual(self.messages(pcap(link, packets)), EXPECTED, link)
            self.assertEqual(self.messages(pcapng(link, packets)), EXPECTED, link)

    def test_vlan(self):
        packets = [bytes(12) + b"\x81\x00\x00\x64\x86\xdd" + packet for packet in session()]
        self.assertEqual(self.messages(pcap(ETHERNET, packets)), EXPECTED)

    def test_json_says_when_who_and_what(self):
        entry = self.entries(pcap(RAW, session()))[4]
        self.assertEqual((entry["packet"], entry["time"]), (8, 1790000007.25))
        self.assertEqual((entry["from"], entry["to"]), ("[fe80::7]:49200", "[fe80::1]:50001"))
        self.assertEqual((entry["kind"], entry["set"], entry["type"], entry["exi"].lower()), ("exi", "din", "8001", DEMAND))
        self.assertEqual(entry["content"]["V2G_Message"]["Body"]["CurrentDemandReq"]["EVTargetVoltage"]["Value"], 4650)

    def test_text_is_for_people(self):
        code, out, _ = self.dump(pcap(RAW, session()))
        self.assertEqual(code, 0)
        self.assertIn("SDP response: [fe80::1]:50001, no TLS, TCP", out)
        self.assertIn("din CurrentDemandReq", out)
        self.assertIn("EVTargetVoltage: 465.0 V", out)

    def test_segments_late_repeated_and_in_pieces(self):
        names = ("sap supportedAppProtocolReq", "din CurrentDemandReq", "iso2 PaymentDetailsReq")
        octets = b"".join(v2gtp(FRAMES[name][1]) for name in names)
        for seed in range(20):
            chance = random.Random(seed)
            pieces, at = [], 0
            while at < len(octets):
                length = chance.randrange(1, 200)
                pieces.append(tcp(True, 100 + at, octets[at : at + length], acknowledge=200))
                at += length
            packets = [tcp(True, 99, b"", 0x02)]
            while pieces:
                near = chance.randrange(min(4, len(pieces)))
                packets.append(pieces.pop(near))
                if chance.random() < 0.2:
                    packets.append(packets[-1])
            self.assertEqual(self.messages(pcap(RAW, packets)), [name.split()[1] for name in names], seed)

    def test_a_lost_segment_is_told_and_the_rest_is_read(self):
        demand = v2gtp(FRAMES["din CurrentDemandReq"][1])
        packets = session()[:7] + [tcp(True, 500, demand, acknowledge=220), tcp(False, 220, b"", 0x10, 500 + len(demand))]
        self.assertEqual(self.messages(pcap(RAW, packets))[-2:], ["gap", "CurrentDemandReq"])

    def test_capture_that_begins_in_the_middle(self):
        self.assertEqual(self.messages(pcap(RAW, session()[7:])), ["CurrentDemandReq", "CurrentDemandRes"])

    def test_iso20_by_payload_type(self):
        packets = session()[:5]
        at = 100
        for name, kind in (("iso20 SessionSetupReq", 0x8002), ("iso20-dc DC_ChargeLoopReq", 0x8004)):
            packets.append(tcp(True, at, v2gtp(FRAMES[name][1], kind)))
            at += 8 + len(FRAMES[name][1])
        self.assertEqual(self.messages(pcap(RAW, packets))[2:], ["SessionSetupReq", "DC_ChargeLoopReq"])

    def test_what_cannot_be_decoded_is_shown(self):
        broken = v2gtp(bytes.fromhex(DEMAND[:30]))
        entry = self.entries(pcap(RAW, session()[:7] + [tcp(True, 176, broken)]))[-1]
        self.assertEqual(entry["kind"], "exi")
        self.assertIn("V2G_Message/", entry["path"])
        self.assertGreater(entry["bit"], 0)

    def test_bad_headers_are_told(self):
        stream = b"\xff\xfe" + v2gtp(b"\x80")[2:] + v2gtp(FRAMES["din CurrentDemandReq"][1])
        self.assertEqual(self.messages(pcap(RAW, session()[:7] + [tcp(True, 176, stream)]))[-2:], ["CurrentDemandReq", "ignored"])

    def test_tls_is_named(self):
        hello = bytes.fromhex("16030100c8010000c40303") + bytes(100)
        self.assertEqual(self.messages(pcap(RAW, session()[:5] + [tcp(True, 100, hello)]))[2:], ["tls"])

    def test_homeplug_and_strangers(self):
        mme = bytes.fromhex("ffffffffffff" "020000000007" "88e1" "01646000000000" "5445534c41204556") + bytes(31)
        other = bytes(12) + b"\x08\x06" + bytes(28)
        entries = self.entries(pcap(ETHERNET, [other, mme]))
        self.assertEqual([entry["message"] for entry in entries], ["CM_SLAC_PARM.REQ"])
        self.assertEqual((entries[0]["application"], entries[0]["run_id"]), (0, b"TESLA EV".hex().upper()))
        self.assertEqual((entries[0]["from"], entries[0]["to"]), ("02:00:00:00:00:07", "ff:ff:ff:ff:ff:ff"))

    def test_two_connections_one_after_the_other(self):
        packets = session() + [tcp(True, 900, b"", 0x11), tcp(False, 900, b"", 0x11)] + session()[2:]
        self.assertEqual(self.messages(pcap(RAW, packets)), EXPECTED + EXPECTED[2:])

    def test_damaged_files(self):
        whole = pcap(RAW, session())
        code, out, err = self.dump(whole[:-10], "--json")
        self.assertEqual(code, 1)
        self.assertEqual(len(out.splitlines()), len(EXPECTED) - 1)
        self.assertIn("damaged behind packet 8", err)
        self.assertEqual(self.dump(b"")[0], 1)
        self.assertEqual(self.dump(b"this is no capture, whatever its name says")[0], 1)
        code, _, err = self.dump(pcap(220, session()))
        self.assertEqual(code, 1)
        self.assertIn("link type", err)

    def test_usage(self):
        self.assertEqual(run("pcap")[0], 2)
        self.assertEqual(run("pcap", "a", "b")[0], 2)
        self.assertEqual(run("pcap", "/nowhere.pcap")[0], 3)

    def test_a_capture_of_something_else(self):
        code, out, err = self.dump(pcap(RAW, [udp(EV, EVSE, (5, 6), b"x")]))
        self.assertEqual((code, out), (0, ""))
        self.assertIn("nothing of a charging session", err)


class Help(unittest.TestCase):
    def test_help_and_man_page_name_everything(self):
        code, out, _ = run("--help")
        self.assertEqual(code, 0)
        with open(os.path.join(ROOT, "docs", "man", "ccs-dump.1"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        for word in ("decode", "encode", "roundtrip", "pcap", "--fragment", "--compact", "--json", "--help", "--version", "--set"):
            self.assertIn(word, out)
            self.assertIn(word, page)
        self.assertRegex(run("--version")[1], r"^ccs-dump \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
