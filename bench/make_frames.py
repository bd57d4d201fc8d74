#!/usr/bin/env python3
"""Writes bench/frames.tsv: messages of our own with the content of a real charge, encoded by ccs-dump.

    bench/make_frames.py CCS_DUMP
Certificates, keys and signatures are octets of a fixed pseudo-random row, in the sizes that real ones have.
SPDX-License-Identifier: Apache-2.0
"""

import base64
import hashlib
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SESSION = "3F1C77A2905BE84D"


def octets(label, length):
    """length octets that depend on the label only."""
    row = b"".join(hashlib.sha256(f"{label}{i}".encode()).digest() for i in range(length // 32 + 1))
    return base64.b64encode(row[:length]).decode()


def physical(multiplier, unit, value):
    return {"Multiplier": multiplier, "Unit": unit, "Value": value}


def volts(value):
    return physical(-1, "V", value)


def amperes(value):
    return physical(-1, "A", value)


def rational(exponent, value):
    return {"Exponent": exponent, "Value": value}


def v2g(name, body, **header):
    return {"V2G_Message": {"Header": {"SessionID": SESSION, **header}, "Body": {name: body}}}


def iso20(name, body, **header):
    return {name: {"Header": {"SessionID": SESSION, "TimeStamp": 1790000000, **header}, **body}}


def interval(duration):
    return {"start": 0, "duration": duration}


DIN_EV = {"EVReady": True, "EVCabinConditioning": False, "EVRESSConditioning": False, "EVErrorCode": "NO_ERROR", "EVRESSSOC": 64}
DIN_EVSE = {"EVSEIsolationStatus": "Valid", "EVSEStatusCode": "EVSE_Ready", "NotificationMaxDelay": 0, "EVSENotification": "None"}
ISO2_EV = {"EVReady": True, "EVErrorCode": "NO_ERROR", "EVRESSSOC": 64}
ISO2_EVSE = {"NotificationMaxDelay": 0, "EVSENotification": "None", "EVSEIsolationStatus": "Valid", "EVSEStatusCode": "EVSE_Ready"}
LOOP_LIMITS = {
    "EVSEMaximumVoltageLimit": volts(9200),
    "EVSEMaximumCurrentLimit": amperes(1250),
    "EVSEMaximumPowerLimit": physical(1, "W", 5000),
}
LOOP_REQ = {
    "EVTargetCurrent": amperes(96),
    "EVMaximumVoltageLimit": volts(4700),
    "EVMaximumCurrentLimit": amperes(2000),
    "BulkChargingComplete": False,
    "ChargingComplete": False,
    "RemainingTimeToFullSoC": physical(0, "s", 2760),
    "RemainingTimeToBulkSoC": physical(0, "s", 1260),
    "EVTargetVoltage": volts(4650),
}
LOOP_RES = {
    "EVSEPresentVoltage": volts(4012),
    "EVSEPresentCurrent": amperes(1203),
    "EVSECurrentLimitAchieved": False,
    "EVSEVoltageLimitAchieved": False,
    "EVSEPowerLimitAchieved": False,
    **LOOP_LIMITS,
}
CHARGER = {
    "EVSEMaximumCurrentLimit": amperes(1250),
    "EVSEMaximumPowerLimit": physical(1, "W", 5000),
    "EVSEMaximumVoltageLimit": volts(9200),
    "EVSEMinimumCurrentLimit": amperes(10),
    "EVSEMinimumVoltageLimit": volts(2000),
}
C14N, XMLENC = "http://www.w3.org/TR/canonical-exi/", "http://www.w3.org/2001/04/xmlenc#"


def signature(ids, algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", digest="sha256", size=32):
    references = [
        {
            "@URI": f"#{name}",
            "Transforms": {"Transform": [{"@Algorithm": C14N}]},
            "DigestMethod": {"@Algorithm": XMLENC + digest},
            "DigestValue": octets("digest" + name, size),
        }
        for name in ids
    ]
    return {
        "SignedInfo": {
            "CanonicalizationMethod": {"@Algorithm": C14N},
            "SignatureMethod": {"@Algorithm": algorithm},
            "Reference": references,
        },
        "SignatureValue": octets("signature", 2 * size),
    }


def chain(label, sizes):
    return {
        "Certificate": octets(label, sizes[0]),
        "SubCertificates": {"Certificate": [octets(f"{label} sub {i}", size) for i, size in enumerate(sizes[1:])]},
    }


def tuple_of(power):
    return {
        "SAScheduleTupleID": 1,
        "PMaxSchedule": {"PMaxScheduleEntry": [{"RelativeTimeInterval": interval(86400), "PMax": power}]},
    }


def sap_req():
    offers = [("urn:din:70121:2012:MsgDef", 2, 1, 2), ("urn:iso:15118:2:2013:MsgDef", 2, 0, 1)]
    return {
        "supportedAppProtocolReq": {
            "AppProtocol": [
                {
                    "ProtocolNamespace": name,
                    "VersionNumberMajor": major,
                    "VersionNumberMinor": 0,
                    "SchemaID": schema,
                    "Priority": priority,
                }
                for name, major, schema, priority in offers
            ]
        }
    }


def price_schedule():
    rules = [
        {"Duration": 3600, "PriceRule": [{"EnergyFee": rational(-3, 390 + 10 * i), "PowerRangeStart": rational(0, 0)}]}
        for i in range(24)
    ]
    return {
        "@Id": "price1",
        "TimeAnchor": 1790000000,
        "PriceScheduleID": 1,
        "Currency": "EUR",
        "Language": "en",
        "PriceAlgorithm": "urn:iso:std:iso:15118:-20:PriceAlgorithm:1-Power",
        "PriceRuleStacks": {"PriceRuleStack": rules},
    }


def power_schedule():
    entries = [{"Duration": 900, "Power": rational(2, 500 - 4 * i)} for i in range(48)]
    return {
        "PowerSchedule": {"TimeAnchor": 0, "PowerScheduleEntries": {"PowerScheduleEntry": entries}},
        "AbsolutePriceSchedule": price_schedule(),
    }


def messages():
    """(set, name, content)"""
    din_parameters = {"DC_EVSEStatus": DIN_EVSE, **CHARGER, "EVSEPeakCurrentRipple": amperes(10)}
    iso2_parameters = {
        "DC_EVSEStatus": ISO2_EVSE,
        **CHARGER,
        "EVSECurrentRegulationTolerance": amperes(10),
        "EVSEPeakCurrentRipple": amperes(10),
    }
    din_tuple = {
        "SAScheduleTupleID": 1,
        "PMaxSchedule": {"PMaxScheduleID": 1, "PMaxScheduleEntry": [{"RelativeTimeInterval": interval(86400), "PMax": 20000}]},
    }
    car = {
        "EVMaximumCurrentLimit": amperes(2000),
        "EVMaximumPowerLimit": physical(1, "W", 9000),
        "EVMaximumVoltageLimit": volts(4700),
    }
    yield "sap", "supportedAppProtocolReq", sap_req()
    yield "sap", "supportedAppProtocolRes", {"supportedAppProtocolRes": {"ResponseCode": "OK_SuccessfulNegotiation", "SchemaID": 1}}
    yield "din", "SessionSetupReq", v2g("SessionSetupReq", {"EVCCID": "02005E100001"})
    yield "din", "SessionSetupRes", v2g(
        "SessionSetupRes", {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": "49A80737A45678", "DateTimeNow": 1790000000}
    )
    yield "din", "ChargeParameterDiscoveryReq", v2g(
        "ChargeParameterDiscoveryReq",
        {"EVRequestedEnergyTransferType": "DC_extended", "DC_EVChargeParameter": {"DC_EVStatus": DIN_EV, **car}},
    )
    yield "din", "ChargeParameterDiscoveryRes", v2g(
        "ChargeParameterDiscoveryRes",
        {
            "ResponseCode": "OK",
            "EVSEProcessing": "Finished",
            "SAScheduleList": {"SAScheduleTuple": [din_tuple]},
            "DC_EVSEChargeParameter": din_parameters,
        },
    )
    yield "din", "CurrentDemandReq", v2g(
        "CurrentDemandReq",
        {
            "DC_EVStatus": DIN_EV,
            **LOOP_REQ,
            "EVMaximumPowerLimit": physical(2, "W", 900),
            "RemainingTimeToBulkSoC": physical(0, "s", 0),
        },
    )
    yield "din", "CurrentDemandRes", v2g("CurrentDemandRes", {"ResponseCode": "OK", "DC_EVSEStatus": DIN_EVSE, **LOOP_RES})
    yield "iso2", "SessionSetupReq", v2g("SessionSetupReq", {"EVCCID": "02005E100001"})
    yield "iso2", "SessionSetupRes", v2g(
        "SessionSetupRes", {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": "DE*CCS*E1*1", "EVSETimeStamp": 1790000000}
    )
    yield "iso2", "ChargeParameterDiscoveryReq", v2g(
        "ChargeParameterDiscoveryReq",
        {"RequestedEnergyTransferMode": "DC_extended", "DC_EVChargeParameter": {"DC_EVStatus": ISO2_EV, **car}},
    )
    yield "iso2", "ChargeParameterDiscoveryRes", v2g(
        "ChargeParameterDiscoveryRes",
        {
            "ResponseCode": "OK",
            "EVSEProcessing": "Finished",
            "SAScheduleList": {"SAScheduleTuple": [tuple_of(physical(0, "W", 20000))]},
            "DC_EVSEChargeParameter": iso2_parameters,
        },
    )
    yield "iso2", "CurrentDemandReq", v2g("CurrentDemandReq", {"DC_EVStatus": ISO2_EV, **LOOP_REQ})
    yield "iso2", "CurrentDemandRes", v2g(
        "CurrentDemandRes",
        {"ResponseCode": "OK", "DC_EVSEStatus": ISO2_EVSE, **LOOP_RES, "EVSEID": "DE*CCS*E1", "SAScheduleTupleID": 1},
    )
    yield "iso2", "PaymentDetailsReq", v2g(
        "PaymentDetailsReq", {"eMAID": "DE8CCSC0000123", "ContractSignatureCertChain": chain("contract", [620, 630, 620])}
    )
    yield "iso2", "CertificateInstallationRes", v2g(
        "CertificateInstallationRes",
        {
            "ResponseCode": "OK",
            "SAProvisioningCertificateChain": chain("provisioning", [637, 639, 636]),
            "ContractSignatureCertChain": {"@Id": "ID1", **chain("contract", [624, 628, 630])},
            "ContractSignatureEncryptedPrivateKey": {"#": octets("key", 48), "@Id": "ID2"},
            "DHpublickey": {"#": octets("dh", 65), "@Id": "ID3"},
            "eMAID": {"#": "DE8CCSC0000123", "@Id": "ID4"},
        },
        Signature=signature(["ID1", "ID2", "ID3", "ID4"]),
    )
    yield "iso20", "SessionSetupReq", iso20("SessionSetupReq", {"EVCCID": "WMIDDD0000CCS2DC1"})
    yield "iso20", "SessionSetupRes", iso20(
        "SessionSetupRes", {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": "DE*CCS*E1"}
    )
    yield "iso20", "AuthorizationReq", iso20(
        "AuthorizationReq",
        {
            "SelectedAuthorizationService": "PnC",
            "PnC_AReqAuthorizationMode": {
                "@Id": "ID1",
                "GenChallenge": octets("challenge", 16),
                "ContractCertificateChain": chain("contract 521", [896, 881]),
            },
        },
        Signature=signature(["ID1"], "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "sha512", 64),
    )
    yield "iso20", "ScheduleExchangeRes", iso20(
        "ScheduleExchangeRes",
        {
            "ResponseCode": "OK",
            "EVSEProcessing": "Finished",
            "Scheduled_SEResControlMode": {"ScheduleTuple": [{"ScheduleTupleID": 1, "ChargingSchedule": power_schedule()}]},
        },
    )
    yield "iso20-dc", "DC_ChargeParameterDiscoveryReq", iso20(
        "DC_ChargeParameterDiscoveryReq",
        {
            "DC_CPDReqEnergyTransferMode": {
                "EVMaximumChargePower": rational(1, 9000),
                "EVMinimumChargePower": rational(1, 10),
                "EVMaximumChargeCurrent": rational(-1, 2000),
                "EVMinimumChargeCurrent": rational(-1, 10),
                "EVMaximumVoltage": rational(-1, 4700),
                "EVMinimumVoltage": rational(-1, 2000),
            }
        },
    )
    yield "iso20-dc", "DC_ChargeParameterDiscoveryRes", iso20(
        "DC_ChargeParameterDiscoveryRes",
        {
            "ResponseCode": "OK",
            "DC_CPDResEnergyTransferMode": {
                "EVSEMaximumChargePower": rational(1, 5000),
                "EVSEMinimumChargePower": rational(1, 10),
                "EVSEMaximumChargeCurrent": rational(-1, 1250),
                "EVSEMinimumChargeCurrent": rational(-1, 10),
                "EVSEMaximumVoltage": rational(-1, 9200),
                "EVSEMinimumVoltage": rational(-1, 2000),
            },
        },
    )
    yield "iso20-dc", "DC_ChargeLoopReq", iso20(
        "DC_ChargeLoopReq",
        {
            "MeterInfoRequested": False,
            "EVPresentVoltage": rational(-1, 4012),
            "Scheduled_DC_CLReqControlMode": {"EVTargetCurrent": rational(-1, 1203), "EVTargetVoltage": rational(-1, 4100)},
        },
    )
    yield "iso20-dc", "DC_ChargeLoopRes", iso20(
        "DC_ChargeLoopRes",
        {
            "ResponseCode": "OK",
            "EVSEPresentCurrent": rational(-1, 1203),
            "EVSEPresentVoltage": rational(-1, 4012),
            "EVSEPowerLimitAchieved": False,
            "EVSECurrentLimitAchieved": False,
            "EVSEVoltageLimitAchieved": False,
            "Dynamic_DC_CLResControlMode": {
                "EVSEMaximumChargePower": rational(1, 5000),
                "EVSEMinimumChargePower": rational(1, 1),
                "EVSEMaximumChargeCurrent": rational(-1, 1250),
                "EVSEMaximumVoltage": rational(-1, 9200),
            },
        },
    )


def encode(program, name, content):
    done = subprocess.run([program, "encode", "-p", name], input=json.dumps(content), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name}: {done.stderr.strip()}")
    return done.stdout.strip()


def main():
    program = sys.argv[1]
    lines = [f"{kind} {name}\t{kind}\t{encode(program, kind, content)}" for kind, name, content in messages()]
    with open(os.path.join(ROOT, "bench", "frames.tsv"), "w", encoding="utf-8") as file:
        file.write("# Written by bench/make_frames.py; do not edit.\nname\tset\thex\n" + "\n".join(lines) + "\n")
    print(f"{len(lines)} frames")


if __name__ == "__main__":
    main()
