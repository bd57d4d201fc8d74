"""ccs-dump from outside: what it prints, what it refuses, and how it ends. Captures: test_pcap.py.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import sys
import unittest

from program import DEMAND, FRAMES, PROGRAM, ROOT, run


INFO = {
    "SignedInfo": {
        "CanonicalizationMethod": {"@Algorithm": "a"},
        "SignatureMethod": {"@Algorithm": "b"},
        "Reference": [{"@URI": "#id1", "DigestMethod": {"@Algorithm": "c"}, "DigestValue": "AAEC"}],
    }
}


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
        code, out, err = run("encode", "-p", "xmldsig", "--fragment", text=json.dumps(INFO))
        self.assertEqual(code, 0, err)
        self.assertTrue(out.startswith("8081"))
        self.assertEqual(json.loads(run("decode", "-p", "xmldsig", "--fragment", out.strip())[1]), INFO)

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
        self.assertEqual(run("encode", "-p", "din", "/nowhere")[0], 3)

    def setup(self, **changes):
        message = {"Header": {"SessionID": "0011223344556677", "TimeStamp": 1790000000}, "EVCCID": "WMIV1234567890ABCDEX"}
        for name, value in changes.items():
            (message if name in message else message["Header"])[name] = value
        return json.dumps({"SessionSetupReq": message})

    def test_strings_come_whole_or_not_at_all(self):
        for text in ("a\0b", "\0", "a\0"):
            code, out, err = run("encode", "-p", "iso20", text=self.setup(EVCCID=text))
            self.assertEqual((code, out), (1, ""))
            self.assertIn("SessionSetupReq/EVCCID: has a zero character", err)
        for name in ('"EVCCID\\u0000"', '"EVCCID\\u0000x"'):
            code, out, err = run("encode", "-p", "iso20", text=self.setup().replace('"EVCCID"', name))
            self.assertEqual((code, out), (1, ""))
        for place, value in (("SessionID", "0011\\u00002233"), ("SessionID", "00\\u0000")):
            self.assertEqual(run("encode", "-p", "iso20", text=self.setup(**{place: value}).replace("\\\\u", "\\u"))[0], 1)
        whole = "\u00e4\u20ac\U0001f600 \"\\/"
        _, out, err = run("encode", "-p", "iso20", text=self.setup(EVCCID=whole))
        self.assertEqual(json.loads(run("decode", "-p", "iso20", out.strip())[1])["SessionSetupReq"]["EVCCID"], whole, err)

    def test_numbers_are_exact(self):
        for number in (2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1):
            for given in (number, str(number)):
                code, out, err = run("encode", "-p", "iso20", text=self.setup(TimeStamp=given))
                self.assertEqual(code, 0, err)
                printed = run("decode", "-p", "iso20", out.strip())[1]
                self.assertEqual(json.loads(printed)["SessionSetupReq"]["Header"]["TimeStamp"], number)
        for number in (2**64, -1, 0.5, "1.0", "", "1 ", "12x"):
            code, out, _ = run("encode", "-p", "iso20", text=self.setup(TimeStamp=number))
            self.assertEqual((code, out), (1, ""), number)

    def test_numbers_as_the_grammar_has_them(self):
        def written(number):
            return run("encode", "-p", "iso20", text=self.setup(TimeStamp="?").replace('"?"', number))

        plain = written("150")
        self.assertEqual(plain[0], 0)
        for number in ("150.0", "1.5e2", "15E+1", "1500e-1"):
            self.assertEqual(written(number), plain, number)
        for number in ("0150", "150.", "+150", ".5", "NaN", "-NaN", "Infinity", "0x96", "1e", "150 x", "1,50"):
            code, out, err = written(number)
            self.assertEqual((code, out), (1, ""), number)
            self.assertRegex(err, r"^ccs-dump: not JSON: line 1, column \d+: \S+", number)

    def test_where_it_is_no_json(self):
        text = '{\n  "SessionSetupReq": {\n    "EVCCID": 01\n'
        self.assertIn("not JSON: line 3, column 16: a number with a zero in front", run("encode", "-p", "iso20", text=text)[2])
        self.assertIn("text behind the document", run("encode", "-p", "iso20", text=self.setup() + "\n{}")[2])

    def test_names_stand_once(self):
        for twice in (
            self.setup().replace('"EVCCID"', '"EVCCID": "A", "EVCCID"'),
            self.setup().replace('"SessionID"', '"SessionID": "00", "SessionID"'),
            self.setup()[:-1] + ", " + self.setup()[1:],
            '{"set": "iso20", "set": "iso20", "content": ' + self.setup() + "}",
            '{"set": "iso20", "content": {}, "content": ' + self.setup() + "}",
        ):
            for options in ((), ("-p", "iso20")):
                code, out, _ = run("encode", *options, text=twice)
                self.assertEqual((code, out), (1, ""), twice)

    def test_a_star_stands_for_nothing_but_a_list(self):
        for star in ('"x"', "{}", "5", '[{"X509SKI": "AAEC", "X509CRL": "AAEC"}]', '[{"KeyName": "x"}]'):
            code, out, _ = run("encode", "-p", "xmldsig", "--fragment", text='{"X509Data": {"*": ' + star + "}}")
            self.assertEqual((code, out), (1, ""), star)

    def test_set_is_guessed(self):
        for name, (kind, frame) in FRAMES.items():
            _, message, _ = run("decode", "-p", kind, "--compact", frame.hex())
            code, out, err = run("encode", text=message)
            self.assertEqual((code, err), (0, ""), name)
            lines = dict(line.split() for line in out.splitlines()) if " " in out else {kind: out.strip()}
            self.assertEqual(lines[kind], frame.hex(), name)

    def test_every_set_that_fits_is_listed_as_roundtrip_reads_it(self):
        info = {"V2G_Message": {"Header": {"SessionID": "00"}, "Body": {"SessionSetupReq": {"EVCCID": "010203040506"}}}}
        code, out, _ = run("encode", text=json.dumps(info))
        lines = out.splitlines()
        self.assertEqual((code, [line.split()[0] for line in lines]), (0, ["din", "iso2"]))
        self.assertEqual(run("roundtrip", text=out)[1].splitlines(), [line.split()[1] for line in lines])
        for line in lines:
            self.assertEqual(json.loads(run("decode", "-p", *line.split())[1]), info)
        code, out, _ = run("encode", "--fragment", text=json.dumps(INFO))
        self.assertEqual(code, 0)
        self.assertIn("xmldsig-frag", [line.split()[0] for line in out.splitlines()])
        self.assertNotIn("error", run("roundtrip", text=out)[1])

    def test_what_fits_no_set_is_told_by_those_that_know_its_name(self):
        code, out, err = run("encode", text=self.setup(EVCCID=7))
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(err, "ccs-dump: iso20: SessionSetupReq/EVCCID: is not a string\nccs-dump: fits no set\n")
        self.assertIn("none has a message of this name", run("encode", text='{"NoMessage": {}}')[2])
        for wrapped in ('{"set": "din2", "content": {}}', '{"set": 1, "content": {}}', '{"set": "din"}', '{"content": {}, "x": 1}'):
            self.assertEqual(run("encode", text=wrapped)[0], 1, wrapped)

    def test_serial_numbers_of_any_size(self):
        for serial in (0, -1, 2**53, 2**53 + 1, 2**159 + 12345, -(2**159), 2 ** (8 * 1024) - 1, "0x01" + "00" * 1024, "-0x" + "7f" * 5000):
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
