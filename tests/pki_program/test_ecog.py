"""The tree that EcoG's create_certs.sh (in the PyPI package iso15118) makes is good to us, as it is.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
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
        strict = judge(place / "iso15118_20" / "certs", ".pem", *CHAINS[0], "20")
        print(f"its ISO 15118-20 tree without --compat: {strict.stdout.strip()}")
        wrong += [] if strict.stdout.startswith("KEY_NOT_ALLOWED") else ["P-256 passes for ISO 15118-20"]
    print("wrong: " + ", ".join(wrong) if wrong else "all good")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
