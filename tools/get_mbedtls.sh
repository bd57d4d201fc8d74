#!/usr/bin/env bash
# Mbed TLS 3.6 as Debian 13 builds it, unpacked into a folder of its own: Debian 12 has 2.28 only, and these packages run there as they
# are. The system's apt is read (mirror, keyring), never changed; needs no root.
#
#   tools/get_mbedtls.sh    into build/debs/mbedtls36; quick where it is there. Prints the path.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$(mkdir -p build/debs && cd build/debs && pwd)/mbedtls36
if [ -f "$target/.whole" ]; then
    echo "$target"
    exit 0
fi

. tools/apt_apart.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{got,tree}
apt_apart "$work" deb trixie
(cd "$work/got" && "${apt[@]}" download libmbedtls-dev/trixie libmbedtls21/trixie libmbedx509-7/trixie libmbedcrypto16/trixie) >&2
for deb in "$work"/got/*.deb; do
    dpkg-deb -x "$deb" "$work/tree"
done
touch "$work/tree/.whole"
rm -rf "$target"
mv "$work/tree" "$target"
echo "$target"
