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

# The first mirror of the system's own sources, in either format.
mirror() {
    { awk '/^URIs:/ {print $2}' /etc/apt/sources.list.d/*.sources
      awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' /etc/apt/sources.list; } 2>/dev/null | head -1
}
uri=$(mirror || true)
[ -n "$uri" ] || { echo "get_mbedtls: no Debian mirror in apt's sources" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{etc,none,got,tree} "$work"/state/lists/partial "$work"/cache/archives/partial
: >"$work/status"
printf 'Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$uri" \
    >"$work/etc/trixie.sources"
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/etc" -o Dir::Etc::PreferencesParts="$work/none"
    -o Dir::Etc::Preferences=/dev/null -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
    -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3)
"${apt[@]}" update >&2
(cd "$work/got" && "${apt[@]}" download libmbedtls-dev/trixie libmbedtls21/trixie libmbedx509-7/trixie libmbedcrypto16/trixie) >&2
for deb in "$work"/got/*.deb; do
    dpkg-deb -x "$deb" "$work/tree"
done
touch "$work/tree/.whole"
rm -rf "$target"
mv "$work/tree" "$target"
echo "$target"
