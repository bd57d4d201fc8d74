"""ccs-pki load, token, list and ocsp: what a store takes and refuses, its modes, and responses that openssl believes.

SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["CCS_BUILD"], "bin", "ccs-pki")


def run(*argv, **options):
    options.setdefault("input", b"")
    told = subprocess.run([str(word) for word in argv], capture_output=True, check=False, timeout=60, **options)
    return told.returncode, told.stdout.decode(errors="replace"), told.stderr.decode(errors="replace")


class Store(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.pki = pathlib.Path(cls.place.name) / "pki"
        assert run(PROGRAM, "make", "--kind", "p256", "--kind", "p521", cls.pki)[0] == 0

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def setUp(self):
        self.own = tempfile.TemporaryDirectory()
        self.store = pathlib.Path(self.own.name) / "store"
        self.iso2 = self.pki / "iso2"

    def tearDown(self):
        self.own.cleanup()

    def load(self, *words, code=0, why=""):
        told = run(PROGRAM, "load", "--store", self.store, *words)
        self.assertEqual(told[0], code, told)
        self.assertIn(why, told[2])

    def fill(self):
        self.load("ca", "v2g", self.iso2 / "roots" / "v2g.pem")
        self.load("key", "iso2", self.iso2 / "keys" / "secc.key")
        self.load("cert", "iso2", self.iso2 / "good" / "secc.pem")

    def test_a_store_is_filled_and_told_without_a_secret(self):
        self.fill()
        code, told, _ = run(PROGRAM, "list", "--store", self.store)
        self.assertEqual(code, 0)
        self.assertIn('iso2 now: "', told)
        self.assertIn("iso2 key: SHA-256 ", told)
        self.assertNotIn("PRIVATE", told)
        self.assertEqual(stat.S_IMODE(self.store.stat().st_mode), 0o700)
        for path in self.store.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)

    def test_both_editions_side_by_side(self):
        self.fill()
        p521 = self.pki / "iso20-p521"
        self.load("ca", "v2g", p521 / "roots" / "v2g.pem")
        self.load("key", "iso20", p521 / "keys" / "secc.key")
        self.load("cert", "iso20", p521 / "good" / "secc.pem")
        self.load("key", "iso20", self.iso2 / "keys" / "secc.key", code=1, why="another kind")
        self.load("--compat", "key", "iso20", self.iso2 / "keys" / "secc.key")

    def test_refusals_have_a_reason(self):
        self.load("key", "iso2", self.iso2 / "certs" / "secc.pem", code=1, why="no private key that can be read")
        self.load("ca", "v2g", self.iso2 / "certs" / "secc.pem", code=1, why="certificate is refused")
        self.load("cert", "iso2", self.iso2 / "good" / "secc.pem", code=1, why="no private key for this certificate")
        self.load("key", "iso2", self.iso2 / "keys" / "secc.key")
        self.load("cert", "iso2", self.iso2 / "good" / "secc.pem", code=1, why="ROOT_UNKNOWN")
        self.load("ca", "v2g", self.iso2 / "roots" / "v2g.pem")
        self.load("--time", "2046-01-01", "cert", "iso2", self.iso2 / "good" / "secc.pem", code=1, why="EXPIRED")
        self.load("cert", "iso9", self.iso2 / "good" / "secc.pem", code=2)
        self.load("cert", "iso2", self.iso2 / "none.pem", code=3, why="none.pem")
        self.load("cert", "iso2", self.iso2 / "good" / "secc.pem")

    def test_a_loose_store_is_refused(self):
        self.fill()
        key = next(self.store.glob("key.*"))
        key.chmod(0o640)
        self.load("ca", "v2g", self.iso2 / "roots" / "v2g.pem", code=3, why=key.name)
        key.chmod(0o600)
        self.store.chmod(0o755)
        self.load("ca", "v2g", self.iso2 / "roots" / "v2g.pem", code=3, why="0700")

    def test_a_store_in_use_is_left_alone(self):
        self.fill()
        with open(self.store / ".lock", "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.load("ca", "v2g", self.iso2 / "roots" / "v2g.pem", code=3, why="in use")

    def test_a_token_is_set_and_not_kept(self):
        for line in (b"", b"short\n", b"x" * 129 + b"\n"):
            self.assertEqual(run(PROGRAM, "token", "--store", self.store, input=line)[0], 1)
        self.assertEqual(run(PROGRAM, "token", "--store", self.store, input=b"a token of many words\n"), (0, "", ""))
        self.assertNotIn(b"token of many", (self.store / "token").read_bytes())

    def test_openssl_believes_the_responder(self):
        certs = self.iso2 / "certs"
        for name, issuer in (("secc", "cposub2"), ("cposub2", "cposub1"), ("cposub1", "v2groot")):
            for hashed in ("-sha1", "-sha256"):
                for state in ("good", "revoked", "unknown"):
                    self.ask(certs, name, issuer, hashed, state)

    def ask(self, certs, name, issuer, hashed, state):
        request, response = self.store.parent / "request", self.store.parent / "response"
        about = ["-issuer", certs / f"{issuer}.pem", hashed, "-cert", certs / f"{name}.pem"]
        self.assertEqual(run("openssl", "ocsp", *about, "-reqout", request)[0], 0)
        told = subprocess.run([PROGRAM, "ocsp", "--state", state, self.pki / "iso20-p521", self.iso2], input=request.read_bytes(),
                              capture_output=True, check=True)
        response.write_bytes(told.stdout)
        code, says, _ = run("openssl", "ocsp", "-respin", response, *about, "-VAfile", certs / f"{issuer}.pem", "-CAfile",
                            certs / "v2groot.pem", "-no_nonce")
        self.assertEqual(code, 0)
        self.assertIn(f"{name}.pem: {state}", says)

    def test_the_responder_refuses_what_is_no_request(self):
        self.assertEqual(run(PROGRAM, "ocsp", self.iso2, input=b"nonsense")[0], 1)
        self.assertEqual(run(PROGRAM, "ocsp", self.iso2)[0], 1)
        self.assertEqual(run(PROGRAM, "ocsp")[0], 2)
        self.assertEqual(run(PROGRAM, "ocsp", self.store, input=b"x")[0], 1)

    def test_the_help_and_the_manual_page_tell_every_option(self):
        told = run(PROGRAM, "--help")[1]
        page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "man" / "ccs-pki.1").read_text(encoding="utf-8")
        for option in ("--store", "--password", "--state"):
            self.assertIn(option, told)
            self.assertIn(option.replace("-", "\\-"), page)


if __name__ == "__main__":
    unittest.main()
