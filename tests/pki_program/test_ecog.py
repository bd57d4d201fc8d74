"""The tree that EcoG's create_certs.sh (in the PyPI package iso15118) makes is good to us, and loads into the store, as it is.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "interop"))
import peers  # noqa: E402

PROGRAM = os.path.join(os.environ["CCS_BUILD"], "bin", "ccs-pki")
CHAINS = [  # role, option of the root's store, root, chain
    ("secc", "--v2g", "v2gRootCACert", ["seccLeafCert", "cpoSubCA2Cert", "cpoSubCA1Cert"]),
    ("cps", "--v2g", "v2gRootCACert", ["cpsLeafCert", "cpsSubCA2Cert", "cpsSubCA1Cert"]),
    ("contract", "--mo", "moRootCACert", ["contractLeafCert", "moSubCA2Cert", "moSubCA1Cert"]),
    ("oem-provisioning", "--oem", "oemRootCACert", ["oemLeafCert", "oemSubCA2Cert", "oemSubCA1Cert"]),
]


def script():
    """Its folder: of an environment that is there already, else the package is fetched."""
    there = sorted(peers.cache().glob("josev-*/venv/lib/python3*/site-packages/iso15118/shared/pki"))
    try:
        peers.need(("openssl", "openssl"), ("bash", "bash"))
        return there[0] if there else peers.josev_package() / "shared" / "pki"
    except peers.Missing as missing:
        return peers.skip(f"EcoG's create_certs.sh is not at hand: {missing}")


def judge(certs, ending, role, store, root, chain, edition, *options):
    return subprocess.run([PROGRAM, "judge", "--role", role, "--edition", edition, store, certs / (root + ending), *options,
                           *[certs / (name + ending) for name in chain]], capture_output=True, text=True, check=False)


def password_of(place):
    """What its script encrypts keys with, unless told another one."""
    found = re.search(r"^\s*password=(\w+)", (place / "create_certs.sh").read_text(encoding="utf-8"), re.M)
    return found.group(1) if found else "12345"


def load(place, made, slot, *options):
    """Roots, the encrypted key of the charger and its chain go into the store of a charger, as they are."""
    certs, keys = made / "certs", made / "private_keys"
    store, secret = made / "store", made / "password-for-the-store"
    secret.write_text(password_of(place) + "\n", encoding="utf-8")
    key = keys / "seccLeaf.key"
    assert "ENCRYPTED" in key.read_text(encoding="utf-8"), "the key has no password: this test tests less than it should"
    wrong = []
    for words in (["ca", "v2g", certs / "v2gRootCACert.pem"], ["ca", "mo", certs / "moRootCACert.der"], ["ca", "oem", certs / "oemRootCACert.pem"],
                  ["--password", secret, "key", slot, key],
                  ["cert", slot, certs / "seccLeafCert.pem", certs / "cpoSubCA2Cert.der", certs / "cpoSubCA1Cert.pem"],
                  ["cert", slot, certs / "cpoCertChain.pem"]):
        told = subprocess.run([PROGRAM, "load", "--store", store, *options, *words], capture_output=True, text=True, check=False)
        print(f"{made.name}, store: {told.stdout.strip()}{told.stderr.strip()}")
        wrong += [f"load {words[0]}"] if told.returncode else []
    told = subprocess.run([PROGRAM, "load", "--store", made / "another", *options, "key", slot, key], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    return wrong + ([] if told.returncode == 1 else ["the key loads without its password"])


def compare(certs, edition, *options):
    wrong = []
    for role, store, root, chain in CHAINS:
        for ending in (".pem", ".der"):
            told = judge(certs, ending, role, store, root, chain, edition, *options)
            print(f"{certs.parent.name}, {role}, {ending[1:]}: {told.stdout.strip()}{told.stderr.strip()}")
            wrong += [role] if told.returncode else []
        told = judge(certs, ".pem", role, store, root, chain[::-1], edition, *options)
        wrong += [] if told.returncode == 1 else [f"{role} the other way round"]
    return wrong


def main():
    found = script()
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder) / "pki"
        shutil.copytree(found, place)
        wrong = []
        for version, made, edition, options in (("iso-2", "iso15118_2", "2", []), ("iso-20", "iso15118_20", "20", ["--compat"])):
            subprocess.run(["bash", "create_certs.sh", "-v", version], cwd=place, check=True, capture_output=True, timeout=60)
            wrong += compare(place / made / "certs", edition, *options)
            wrong += load(place, place / made, "iso2" if edition == "2" else "iso20", *options)
        strict = judge(place / "iso15118_20" / "certs", ".pem", *CHAINS[0], "20")
        print(f"its ISO 15118-20 tree without --compat: {strict.stdout.strip()}")
        wrong += [] if strict.stdout.startswith("KEY_NOT_ALLOWED") else ["P-256 passes for ISO 15118-20"]
    print("wrong: " + ", ".join(wrong) if wrong else "all good")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
