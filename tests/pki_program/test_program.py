"""What ccs-pki makes: openssl agrees on what is good, ccs-pki judge refuses each bad chain for the reason in cases.tsv, keys are
readable by their owner alone, nothing is overwritten.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ["CCS_BUILD"], "bin", "ccs-pki")
FOLDERS = ["iso2", "iso20-p521", "iso20-ed448"]
NOW = "2030-01-01"
NOW_S = "1893456000"
STORES = ["v2g", "oem", "mo"]
RESPONSES = [  # what openssl says of each, and its exit code
    ("secc", "good", 0), ("secc-revoked", "revoked", 0), ("secc-unknown", "unknown", 0), ("secc-by-another", "Verify Failure", 1),
    ("secc-of-another", "No Status found", 1), ("secc-expired", "Status times invalid", 0),
]


def run(*argv):
    return subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)


def cases(folder):
    with open(folder / "cases.tsv", encoding="utf-8") as lines:
        return [dict(zip("case chain role edition reason at certificates needs openssl".split(), line.rstrip("\n").split("\t")))
                for line in lines if not line.startswith("#")]


class Made(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.place.name) / "pki"
        made = run(PROGRAM, "make", "--time", NOW, cls.root)
        assert made.returncode == 0, made.stderr

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def each_case(self):
        for name in FOLDERS:
            for case in cases(self.root / name):
                with self.subTest(tree=name, case=case["case"]):
                    yield self.root / name, case

    def roots(self, folder, case):
        """Options of the stores that are not empty."""
        paths = [(store, folder / "roots" / f"{case['case']}.{store}.pem") for store in STORES]
        return [word for store, path in paths if path.stat().st_size > 0 for word in (f"--{store}", path)]

    def test_our_judgement_is_as_the_table_says(self):
        for folder, case in self.each_case():
            chain = folder / case["chain"]
            if case["needs"] in ("status", "no-time", "key") or chain.stat().st_size == 0:
                continue  # what no option says; tests/pki has them
            options = ["--name", "DE-ABC-C123ABC57"] if case["needs"] == "name" else []
            judged = run(PROGRAM, "judge", "--role", case["role"], "--edition", case["edition"], "--time", NOW, *options,
                         *self.roots(folder, case), chain)
            self.assertEqual(judged.stdout.split(":")[0], case["reason"], judged.stdout + judged.stderr)
            self.assertEqual(judged.returncode, 0 if case["reason"] == "GOOD" else 1)
            if judged.returncode:
                self.assertIn(f"; certificate {case['at']}", judged.stdout)

    def test_openssl_agrees_on_what_is_good(self):
        checked = 0
        for folder, case in self.each_case():
            if case["openssl"] != "openssl":
                continue
            all_roots = folder / f"{case['case']}.roots"
            all_roots.write_bytes(b"".join((folder / "roots" / f"{case['case']}.{store}.pem").read_bytes() for store in STORES))
            leaf = folder / "certs" / f"{case['certificates'].split()[0]}.pem"
            verified = run("openssl", "verify", "-x509_strict", "-attime", NOW_S, "-CAfile", all_roots, "-no-CApath", "-untrusted",
                           folder / case["chain"], leaf)
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
            checked += 1
        self.assertGreaterEqual(checked, 3 * 15)

    def test_ocsp_responses_say_what_their_names_say(self):
        """openssl dates a response by the system's clock, so these are made by it as well."""
        today = self.root.parent / "today"
        self.assertEqual(run(PROGRAM, "make", today).returncode, 0)
        for name, (response, word, code) in itertools.product(FOLDERS, RESPONSES):
            with self.subTest(tree=name, response=response):
                folder = today / name
                told = run("openssl", "ocsp", "-respin", folder / "ocsp" / f"{response}.der", "-issuer", folder / "certs/cposub2.pem",
                           "-cert", folder / "certs/secc.pem", "-verify_other", folder / "certs/cposub2.pem", "-trust_other",
                           "-CAfile", folder / "roots/v2g.pem")
                text = told.stdout + told.stderr
                self.assertIn(word, text)
                self.assertEqual(told.returncode, code, text)
                self.assertEqual("Status times invalid" in text, response == "secc-expired", text)

    def test_revocation_lists_say_what_their_names_say(self):
        """Those of an issuer verify by the openssl command with it; one that another has signed does not."""
        for name in FOLDERS:
            for listed, revokes, verifies in (("cposub2", False, True), ("cposub2-revoked", True, True), ("vehsub2-by-another", False, False)):
                with self.subTest(tree=name, list=listed):
                    folder = self.root / name
                    issuer = folder / "certs" / f"{listed.split('-')[0]}.pem"
                    crl = ("openssl", "crl", "-inform", "DER", "-in", folder / "crl" / f"{listed}.der", "-noout")
                    judged = run(*crl, "-CAfile", issuer)
                    self.assertEqual("verify OK" in judged.stdout + judged.stderr, verifies, judged)
                    text = run(*crl, "-text").stdout  # apart: OpenSSL 3.5 shows no text of a list that does not verify
                    self.assertEqual("No Revoked Certificates" not in text, revokes, text)
                    self.assertIn("Certificate Revocation List", text)

    def test_keys_are_for_their_owner(self):
        for name in FOLDERS:
            keys = self.root / name / "keys"
            self.assertEqual(stat.S_IMODE(keys.stat().st_mode), 0o700)
            self.assertTrue(all(stat.S_IMODE(key.stat().st_mode) == 0o600 for key in keys.iterdir()))
            self.assertIn("PRIVATE KEY", (keys / "secc.key").read_text())

    def test_keys_belong_to_their_certificates(self):
        for name in FOLDERS:
            for leaf in ("secc", "vehicle", "contract"):
                key = run("openssl", "pkey", "-in", self.root / name / "keys" / f"{leaf}.key", "-pubout")
                own = run("openssl", "x509", "-in", self.root / name / "certs" / f"{leaf}.pem", "-noout", "-pubkey")
                self.assertEqual(key.stdout, own.stdout)

    def test_der_is_what_pem_holds(self):
        one = self.root / "iso20-p521" / "certs"
        told = subprocess.run(["openssl", "x509", "-in", one / "vehicle.pem", "-outform", "DER"], capture_output=True, check=True)
        self.assertEqual(told.stdout, (one / "vehicle.der").read_bytes())

    def test_nothing_is_overwritten(self):
        again = run(PROGRAM, "make", self.root)
        self.assertEqual(again.returncode, 3)
        self.assertIn("File exists", again.stderr)

    def test_sizes_are_those_of_the_schemas(self):
        for name, size in (("iso2", 800), ("iso20-p521", 1600), ("iso20-ed448", 1600)):
            certs = self.root / name / "certs"
            self.assertEqual([(certs / f"{one}.der").stat().st_size for one in ("secc_full", "secc_large")], [size, size + 1])


class Usage(unittest.TestCase):
    def test_wrong_words_end_with_2_and_one_line(self):
        for argv in (["make"], ["judge"], ["sell"], [], ["make", "--kind", "rsa", "x"], ["make", "--from", "2030-02-31x", "x"],
                     ["judge", "--role", "king", "x"], ["make", "--from", "2030-01-01", "--until", "2029-01-01", "x"]):
            told = run(PROGRAM, *argv)
            self.assertEqual((told.returncode, told.stderr.count("\n")), (2, 1), argv)

    def test_missing_files_end_with_3(self):
        told = run(PROGRAM, "judge", "--role", "secc", "--edition", "2", "/nonexistent.pem")
        self.assertEqual(told.returncode, 3)

    def test_help_names_every_option(self):
        told = run(PROGRAM, "--help")
        for option in ("--kind", "--from", "--until", "--time", "--role", "--edition", "--v2g", "--oem", "--mo", "--name", "--compat"):
            self.assertIn(option, told.stdout)


if __name__ == "__main__":
    unittest.main()
