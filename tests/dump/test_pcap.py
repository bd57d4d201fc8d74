"""ccs-dump pcap from outside: every link type, every stream, every damage.
SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import struct
import sys
import tempfile
import unittest

from captures import ETHERNET, EV, EVSE, RAW, SLL, WRAPPED, pcap, pcapng, pcapng_of, session, tcp, udp, v2gtp
from program import DEMAND, FRAMES, run

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
        double = [bytes(12) + b"\x88\xa8\x00\x07\x81\x00\x00\x64\x86\xdd" + packet for packet in session()]
        self.assertEqual(self.messages(pcap(ETHERNET, double)), EXPECTED)
        cooked = [bytes(14) + b"\x81\x00\x00\x64\x86\xdd" + packet for packet in session()]
        self.assertEqual(self.messages(pcap(SLL, cooked)), EXPECTED)

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

    def told(self, packets, kind):
        """The texts of entries of a kind, which the readable form shows as well."""
        texts = [entry["text"] for entry in self.entries(pcap(RAW, packets)) if entry["kind"] == kind]
        readable = self.dump(pcap(RAW, packets))[1]
        for text in texts:
            self.assertEqual(readable.count(text), 1)
        return texts

    def test_a_malformed_sdp_is_told(self):
        for octets in ("01fe90000000000210", "01fe900000000002100000", "02fd9000000000021000", "01fe90000000000110", "", "68656c6c6f"):
            packets = [udp(EV, EVSE, (49200, 15118), bytes.fromhex(octets)), *session()]
            first = self.entries(pcap(RAW, packets))[0]
            self.assertEqual((first["kind"], first["octets"].lower(), first["packet"]), ("sdp", octets, 1))
            self.assertTrue(first["error"])
            self.assertIn("SDP that is malformed: " + first["error"], self.dump(pcap(RAW, packets))[1])
            self.assertEqual([entry["message"] for entry in self.entries(pcap(RAW, packets))[1:]], EXPECTED)

    def test_a_message_that_is_cut_is_told(self):
        start = v2gtp(FRAMES["din CurrentDemandReq"][1])[:11]
        missing = 8 + len(FRAMES["din CurrentDemandReq"][1]) - 11
        begun = session()[:7] + [tcp(True, 176, start)]
        for end, by in (
            ([], "the end of the capture"),
            ([tcp(True, 187, b"", 0x04)], "a reset of the connection"),
            ([tcp(False, 220, b"", 0x04)], "a reset of the connection"),
            ([tcp(True, 187, b"", 0x11)], "the end of the connection"),
        ):
            text = f"V2GTP message cut by {by}: 11 octets of it came, {missing} are missing"
            self.assertEqual(self.told(begun + end, "cut"), [text])
        self.assertEqual(self.told(session(), "cut"), [])
        again = begun + [tcp(True, 187, b"", 0x04)] + session()[2:]
        self.assertEqual(self.messages(pcap(RAW, again)), EXPECTED[:4] + ["cut"] + EXPECTED[2:])

    def test_a_gap_before_the_first_message_is_told(self):
        demand = v2gtp(FRAMES["din CurrentDemandReq"][1])
        packets = [tcp(True, 99, b"", 0x02), tcp(True, 150, demand), tcp(False, 200, b"", 0x10, 150 + len(demand))]
        self.assertEqual(self.messages(pcap(RAW, packets)), ["gap", "CurrentDemandReq"])
        self.assertEqual(self.told(packets, "gap"), ["50 octets are missing in the capture"])
        strangers = [tcp(True, 99, b"", 0x02), tcp(True, 150, b"GET / HTTP/1.0"), tcp(False, 200, b"", 0x10, 164)]
        self.assertEqual(self.entries(pcap(RAW, strangers)), [])

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

    def test_interfaces_of_one_link_type(self):
        packets = [(i % 2, WRAPPED[ETHERNET](packet)) for i, packet in enumerate(session())]
        self.assertEqual(self.messages(pcapng_of([ETHERNET, ETHERNET], packets)), EXPECTED)

    def test_interfaces_of_several_link_types(self):
        links = [ETHERNET, RAW, SLL, 220]
        packets = [(i % 3, WRAPPED[links[i % 3]](packet)) for i, packet in enumerate(session())]
        for frames in (packets, packets[:3] + [(3, b"usb")] + packets[3:]):
            self.assertEqual(self.messages(pcapng_of(links, frames)), EXPECTED)
        self.assertIn("1 packets of link types that are not read here", self.dump(pcapng_of(links, frames))[2])
        entry = self.entries(pcapng_of(links, packets))[4]
        self.assertEqual((entry["packet"], entry["time"]), (8, 1790000007.25))
        self.assertEqual(self.messages(pcapng_of([ETHERNET], packets[:1]) + pcapng_of([RAW], [(0, packet) for packet in session()[1:]])), EXPECTED)
        code, out, err = self.dump(pcapng_of(links, packets)[:-10], "--json")
        self.assertEqual((code, len(out.splitlines())), (1, len(EXPECTED) - 1))
        self.assertIn("damaged behind packet 8", err)
        self.assertEqual(self.dump(pcapng_of(links, [(4, b"")]))[0], 1)

    def test_usage(self):
        self.assertEqual(run("pcap")[0], 2)
        self.assertEqual(run("pcap", "a", "b")[0], 2)
        self.assertEqual(run("pcap", "/nowhere.pcap")[0], 3)

    def test_a_capture_of_something_else(self):
        code, out, err = self.dump(pcap(RAW, [udp(EV, EVSE, (5, 6), b"x")]))
        self.assertEqual((code, out), (0, ""))
        self.assertIn("nothing of a charging session", err)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
