"""Where XSD files are at hand: those of CCS_SHARED, and the copies inside the PyPI package iso15118 of the live peers.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools" / "interop"))
import peers  # noqa: E402


def of_the_package():
    """The copies in the environment of the live peers, as far as one is there already; nothing is fetched."""
    return sorted(peers.cache().glob("josev-*/venv/lib/python3*/site-packages/iso15118/shared/schemas"))[:1]


def all_at_hand():
    """At least one folder, or the process ends as skipped. The package is fetched only where there is nothing else."""
    shared = peers.shared()
    found = [shared / "schemas"] if shared and (shared / "schemas").is_dir() else []
    found += of_the_package()
    if found:
        return found
    try:
        return [peers.josev_package() / "shared" / "schemas"]
    except peers.Missing as missing:
        return peers.skip(f"no XSD files: neither CCS_SHARED/schemas nor the PyPI package iso15118 ({missing})")
