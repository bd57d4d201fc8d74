"""Our notation means the same grammars as every set of XSD files at hand.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
import sys

import xsd_folders

CHECK = xsd_folders.ROOT / "tools" / "schemacheck.py"


def compare(folder):
    """A folder goes by what it is, not by where it lies."""
    name = "the PyPI package" if "site-packages" in folder.parts else "CCS_SHARED/schemas"
    print(f"---- {name}", flush=True)
    return subprocess.run([sys.executable, "-B", CHECK, folder], check=False).returncode


def nothing_there():
    """A folder without schemas is not taken for one that agrees."""
    run = subprocess.run([sys.executable, "-B", CHECK, xsd_folders.ROOT / "docs"], capture_output=True, text=True, check=False)
    return run.returncode == 2 and ".xsd" in run.stderr


codes = [compare(folder) for folder in xsd_folders.all_at_hand()]
if not nothing_there():
    codes.append(1)
    print("a folder without XSD files did not end with 2 and what is missing")
sys.exit(1 if any(codes) else 0)
