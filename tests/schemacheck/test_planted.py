"""tools/schemacheck.py finds what it is there to find: every kind of change in a copy of the notation is a difference.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import io
import os
import shutil
import sys
import tempfile
import unittest

import xsd_folders

sys.path.insert(0, str(xsd_folders.ROOT / "tools"))
import existructs  # noqa: E402
import exitables  # noqa: E402
import exinotation  # noqa: E402
import exirows  # noqa: E402
import schemacheck  # noqa: E402
import xsdgrammar  # noqa: E402

FOLDER = str(xsd_folders.all_at_hand()[0])

SETS = {"sap": "sap", "xmldsig": "xmldsig", "din": "din", "iso2": "iso2", "iso20_common": "iso20", "iso20_dc": "iso20-dc"}

# (what, file, type or section that is changed, line as it is (A|B: either), lines instead, words that the difference must have)
PLANTED = [
    ("a range wider than the schema's", "iso2", "type DC_EVStatus", "EVRESSSOC int8 0..100", "EVRESSSOC int8 0..127",
     "n-bit 0..100"),
    ("a range that moved, same width", "iso2", "type SAScheduleTuple", "SAScheduleTupleID uint8 1..255",
     "SAScheduleTupleID uint8 0..254", "n-bit 1..255"),
    ("a whole range instead of a part", "sap", "type AppProtocol", "Priority uint8 1..20", "Priority uint8", "n-bit 1..20"),
    ("a signed number made unsigned", "din", "type SessionSetupRes", "DateTimeNow ? int64", "DateTimeNow ? uint64", "signed"),
    ("an optional element made mandatory", "iso2", "type SAScheduleTuple", "SalesTariff ? SalesTariff",
     "SalesTariff SalesTariff", "after PMaxSchedule: productions"),
    ("a mandatory element made optional", "iso20_dc", "type Dynamic_DC_CLReqControlMode", "EVMaximumVoltage RationalNumber",
     "EVMaximumVoltage ? RationalNumber", "after EVMaximumChargeCurrent: productions"),
    ("an element left out", "din", "type MessageHeader", "Notification ? Notification", "", "0=SE(Notification)"),
    ("an element too many", "din", "type SessionStopRes", "ResponseCode enum responseCode",
     "ResponseCode enum responseCode|More ? bool", "after ResponseCode: productions"),
    ("two elements in the other order", "iso2", "type DC_EVStatus", "EVReady bool",
     "EVErrorCode enum DC_EVErrorCode|EVReady bool", "0=SE(EVReady)"),
    ("an element by another name", "sap", "type AppProtocol", "SchemaID uint8", "SchemaId uint8", "SE(SchemaID)"),
    ("a longer list", "iso2", "type ServiceList", "Service + Service max 8", "Service + Service max 9",
     "after Service: productions"),
    ("a shorter list", "iso2", "type PMaxSchedule", "PMaxScheduleEntry + PMaxScheduleEntry max 1024",
     "PMaxScheduleEntry + PMaxScheduleEntry max 1023", "after PMaxScheduleEntry: productions"),
    ("a list without an end", "sap", "type supportedAppProtocolReq", "AppProtocol + AppProtocol max 20",
     "AppProtocol + AppProtocol", "after AppProtocol: productions"),
    ("a list that may be empty", "sap", "type supportedAppProtocolReq", "AppProtocol + AppProtocol max 20",
     "AppProtocol * AppProtocol max 20", "start: productions"),
    ("a member of a substitution group left out", "din", "type Body", "PreChargeReq PreChargeReq", "", "SE(PreChargeReq)"),
    ("the first member of a substitution group left out", "iso20_dc", "type DC_ChargeLoopReq",
     "BPT_Dynamic_DC_CLReqControlMode BPT_Dynamic_DC_CLReqControlMode",
     "", "SE(BPT_Dynamic_DC_CLReqControlMode)"),
    ("enumerators in the other order", "iso2", "enum responseCode", "OK_NewSessionEstablished",
     "OK_OldSessionJoined|OK_NewSessionEstablished|-OK_OldSessionJoined", "enum ["),
    ("an enumerator left out", "iso2", "enum responseCode", "FAILED_CertificateRevoked", "", "FAILED_CertificateRevoked"),
    ("an enumerator too many", "sap", "enum responseCode", "Failed_NoNegotiation", "Failed_NoNegotiation|Failed_Otherwise",
     "Failed_Otherwise"),
    ("another type of the same shape", "iso2", "type SessionStopRes", "ResponseCode enum responseCode",
     "ResponseCode enum isolationLevel", "enum ["),
    ("a longer string", "sap", "type AppProtocol", "ProtocolNamespace string ..100", "ProtocolNamespace string ..101",
     "string 0..100"),
    ("octets without their length", "iso2", "type SessionSetupReq", "EVCCID hex ..6", "EVCCID hex", "hex 0..6"),
    ("base64 for hex", "iso2", "type SessionSetupReq", "EVCCID hex ..6", "EVCCID base64 ..6", "hex 0..6"),
    ("text for a number", "xmldsig", "type X509IssuerSerial", "X509SerialNumber integer", "X509SerialNumber string", "signed"),
    ("an attribute left out", "xmldsig", "type Reference", "@Type ? string", "", "AT(Type)"),
    ("an attribute made mandatory", "xmldsig", "type SignedInfo", "@Id ? string", "@Id string", "start: productions"),
    ("attributes out of order", "xmldsig", "type SignatureProperty", "@Target string", "@Target string|@Ahead ? string",
     "AT(Ahead)"),
    ("a wildcard left out", "xmldsig", "type Transform", "any *", "", "SE(*)"),
    ("a wildcard before an element", "xmldsig", "type KeyValue", "DSAKeyValue DSAKeyValue", "any|DSAKeyValue DSAKeyValue",
     "0=SE(DSAKeyValue)"),
    ("untyped text forgotten", "xmldsig", "type Transform", "type Transform mixed", "type Transform", "untyped CH"),
    ("elements that stand together, apart", "xmldsig", "type DSAKeyValue", "PgenCounter base64 with Seed",
     "PgenCounter ? base64", "productions"),
    ("one of two alternatives always allowed to be absent", "xmldsig", "type PGPData", "PGPKeyID ? base64 else PGPKeyPacket",
     "PGPKeyID ? base64", "start: productions"),
    ("text of an element without its attribute", "xmldsig", "type SignatureValue", "@Id ? string", "", "0=AT(Id) 1=CH"),
    ("more global elements", "din", "documents 81", "documents 81", "documents 82", "number of global elements"),
    ("a wider event code", "iso20_common", "documents 54", "documents 54", "documents 64", "width of the event code"),
    ("a root by another code", "din", "documents 81", "77 V2G_Message V2G_Message", "76 V2G_Message V2G_Message", "event code 76"),
    ("a root of another type", "sap", "documents 2", "1 supportedAppProtocolRes supportedAppProtocolRes",
     "1 supportedAppProtocolRes supportedAppProtocolReq", "productions"),
    ("fewer element names", "iso2", "fragments 243", "fragments 243", "fragments 242", "event code of its end"),
    ("a fragment by another code", "iso2", "fragments 243", "236 eMAID EMAID relaxed 10 4", "235 eMAID EMAID relaxed 10 4",
     "event code 235"),
    ("the relaxed fragment as a plain one", "iso2", "fragments 243", "236 eMAID EMAID relaxed 10 4", "236 eMAID EMAID",
     "relaxed grammar"),
    ("the relaxed fragment with fewer attributes", "iso2", "fragments 243", "236 eMAID EMAID relaxed 10 4",
     "236 eMAID EMAID relaxed 9 4", "widths and codes"),
    ("an abstract element that may be sent", "din", "type Body", "BodyElement never|BodyElement abstract", "BodyElement SessionStopRes",
     "whether it may be sent"),
    ("an element that may be sent, abstract", "din", "type Body", "PreChargeReq PreChargeReq", "PreChargeReq never", "whether it may be sent"),
    ("a type that no root leads to", "sap", "type AppProtocol", "type AppProtocol",
     "type Forgotten|  Field bool||type AppProtocol", "compared with nothing"),
]


def words(line):
    return line.split("#")[0].split()


def planted(text, section, old, new):
    """The notation with a line of a section exchanged; `|` parts lines of the new text, -X drops a line X."""
    lines, inside, found = [], False, 0
    dropped = [word[1:] for word in new.split("|") if word.startswith("-")]
    for line in text.split("\n"):
        if line and not line.startswith((" ", "#")):
            inside = words(line)[: len(section.split())] == section.split()
        if inside and " ".join(words(line)) in old.split("|"):
            indent = line[: len(line) - len(line.lstrip(" "))]
            lines += [indent + one for one in new.split("|") if one and not one.startswith("-")]
            found += 1
        elif not (inside and " ".join(words(line)) in dropped):
            lines.append(line)
    assert found == 1, f"{section}: {old} stands there {found} times"
    return "\n".join(lines)


def differences(schema, chosen=None):
    """(exit code, text) of the checker over a notation: all of it or one set."""
    arguments, sys.argv = sys.argv, ["schemacheck.py", "--schema", schema, FOLDER] + (["--set", chosen] if chosen else [])
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            return schemacheck.main(), said.getvalue()
    finally:
        sys.argv = arguments


class Planted(unittest.TestCase):
    def test_every_change_is_found(self):
        for what, file, section, old, new, expected in PLANTED:
            with self.subTest(what), tempfile.TemporaryDirectory() as folder:
                schema = os.path.join(folder, "schema")
                shutil.copytree(xsd_folders.ROOT / "schema", schema)
                path = os.path.join(schema, file + ".schema")
                with open(path, encoding="utf-8") as notation:
                    text = notation.read()
                with open(path, "w", encoding="utf-8") as notation:
                    notation.write(planted(text, section, old, new))
                code, said = differences(schema, None if "no root" in what else SETS[file])
                self.assertEqual(code, 1, said)
                self.assertIn(expected, said)

    def test_every_number_of_a_row_is_found(self):
        """A bit more, a production more, a code more in a generated row: each by itself."""
        notation = exinotation.Notation(str(xsd_folders.ROOT / "schema"))
        tables = exitables.Tables(existructs.Uses(notation))
        exitables.rows_file(notation, tables)
        for name, stride in (("sap", 1), ("din", 23), ("iso20-dc", 19)):
            file = next(one for one in notation.sets if one.set == name)
            schema = xsdgrammar.Schema(schemacheck.root_file(FOLDER, name))

            def differing(file=file, schema=schema, name=name):
                check = schemacheck.Check(name, file, schema, None, None)
                check.rows(tables)
                return check.differences

            rows = schemacheck.Check(name, file, schema, None, None).rows(tables)
            self.assertEqual(rows.differences, [])
            visited = sorted(((program.key()[1] or "", number, program) for program, number in rows.visited), key=lambda one: one[:2])
            for _, number, program in visited[::stride]:
                row = tables.programs[program][number]
                more = "n" if row.kind in exirows.STATES else "m" if row.kind.startswith(("N8", "ENUM")) else "bits"
                for field in sorted({"bits", more}):
                    with self.subTest(set=name, row=number, kind=row.kind, name=row.name, field=field):
                        setattr(row, field, getattr(row, field) + 1)
                        found = differing()
                        setattr(row, field, getattr(row, field) - 1)
                        self.assertTrue(found)

    def test_the_notation_as_it_is_passes(self):
        self.assertEqual(differences(str(xsd_folders.ROOT / "schema"))[0], 0)


if __name__ == "__main__":
    unittest.main()
