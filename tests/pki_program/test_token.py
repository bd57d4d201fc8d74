"""A private key in a PKCS#11 token: SoftHSM holds it, the store has its name alone, and everything else is as with a key in a file.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROGRAM = os.path.join(os.environ["CCS_BUILD"], "bin", "ccs-pki")
LISTENER = os.path.join(os.environ["CCS_BUILD"], "bin", "tls_listener")
MODULES = ["/usr/lib/softhsm/libsofthsm2.so", *glob.glob("/usr/lib/*/softhsm/libsofthsm2.so")]
PIN = "4711-of-the-test"


def missing():
    if not shutil.which("softhsm2-util") or not any(os.path.exists(path) for path in MODULES):
        return "package softhsm2"
    engines = subprocess.run(["openssl", "version", "-e"], capture_output=True, text=True, check=True).stdout.split('"')[1]
    return None if os.path.exists(os.path.join(engines, "pkcs11.so")) else "package libengine-pkcs11-openssl"


def run(*argv, **options):
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False, timeout=60, **options)


def expect(told, code, words=""):
    if told.returncode != code or words not in told.stdout + told.stderr:
        sys.exit(f"{told.args}: exit {told.returncode} instead of {code}\n{told.stdout}{told.stderr}")


def make_token(folder):
    """Two keys of the development PKI go into the token; softhsm2-util imports them from PKCS#8."""
    tokens = folder / "tokens"
    tokens.mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n", encoding="ascii")
    os.environ["SOFTHSM2_CONF"] = str(config)
    os.environ["PKCS11_MODULE_PATH"] = next(path for path in MODULES if os.path.exists(path))
    expect(run("softhsm2-util", "--init-token", "--free", "--label", "charger", "--so-pin", "12345678", "--pin", PIN), 0)
    for number, tree in (("01", "iso2"), ("02", "iso20-p521")):
        expect(run("softhsm2-util", "--import", folder / "pki" / tree / "keys" / "secc.key", "--token", "charger", "--label", tree,
                   "--id", number, "--pin", PIN), 0)


def load(folder, tree, slot):
    place = folder / "pki" / tree
    store = folder / "store"
    name = folder / "name"
    name.write_text(f"pkcs11:token=charger;object={tree};type=private;pin-value={PIN}\n", encoding="ascii")
    for kind in ("v2g", "oem"):
        expect(run(PROGRAM, "load", "--store", store, "ca", kind, place / "roots" / f"{kind}.pem"), 0)
    expect(run(PROGRAM, "load", "--store", store, "cert", slot, place / "good" / "secc.pem"), 1, "no private key for this certificate")
    expect(run(PROGRAM, "load", "--store", store, "key", slot, name), 0)
    expect(run(PROGRAM, "load", "--store", store, "cert", slot, place / "good" / "secc.pem"), 0)
    name.write_text(f"pkcs11:token=charger;object=none;type=private;pin-value={PIN}\n", encoding="ascii")
    expect(run(PROGRAM, "load", "--store", store, "key", slot, name), 1, "no private key that can be read")


def handshakes(folder):
    """A TLS listener signs with the keys in the token: TLS 1.2, and TLS 1.3 with a vehicle certificate. Says what is not built."""
    if not os.path.exists(LISTENER):
        return "TLS is not built: no handshake"
    with subprocess.Popen([LISTENER, folder / "store", folder / "console"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as listener:
        try:
            port = int(listener.stdout.readline())
            handshake(port, folder / "pki" / "iso2", "-tls1_2")
            tree = folder / "pki" / "iso20-p521"
            above = folder / "above.pem"
            above.write_text("".join((tree / "certs" / f"{name}.pem").read_text(encoding="ascii") for name in ("vehsub2", "vehsub1")), encoding="ascii")
            handshake(port, tree, "-tls1_3", "-cert", tree / "certs" / "vehicle.pem", "-cert_chain", above, "-key",
                      tree / "keys" / "vehicle.key", "-groups", "P-521", "-sigalgs", "ecdsa_secp521r1_sha512")
        finally:
            listener.kill()
    return "TLS 1.2 and 1.3 with them"


def handshake(port, tree, *words):
    told = run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", tree / "certs" / "v2groot.pem", "-purpose", "any", *words,
               input="")
    agreed = "New, TLSv1.2, Cipher is ECDHE-ECDSA" in told.stdout or "New, TLSv1.3, Cipher is TLS_" in told.stdout  # s_client verifies nothing as well
    if not agreed or "Verify return code: 0 (ok)" not in told.stdout or "alert" in told.stderr:
        sys.exit(f"{words}: {told.stdout}{told.stderr}")


def main():
    lacks = missing()
    if lacks:
        print(f"PKCS#11 is not tested: {lacks} is not there")
        return 77
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        expect(run(PROGRAM, "make", "--kind", "p256", "--kind", "p521", folder / "pki"), 0)
        make_token(folder)
        load(folder, "iso2", "iso2")
        load(folder, "iso20-p521", "iso20")
        for key in (folder / "store").glob("key.*"):
            if not key.read_bytes().startswith(b"pkcs11:"):
                sys.exit(f"{key.name} is not the name of a key in a token")
        listed = run(PROGRAM, "list", "--store", folder / "store")
        expect(listed, 0, "iso20 key: SHA-256 ")
        if PIN in listed.stdout:
            sys.exit("the PIN of the token is told")
        shook = handshakes(folder)
    print(f"keys in a token: taken, found by their certificates, refused where there is none; {shook}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
