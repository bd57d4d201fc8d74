#!/usr/bin/env bash
# The source of lwIP as Debian ships it, in a folder of its own: package lwip, Debian's patches applied. The system's apt is read (mirror,
# keyring), never changed; needs no root. The images for small targets and the tests of ports/lwip are built with it.
#
#   tools/get_lwip.sh [DIRECTORY]     default build/lwip-source; quick where it is there. Prints the path of lwIP's src/.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$(mkdir -p "$(dirname "${1:-build/lwip-source}")" && realpath "${1:-build/lwip-source}")
if [ -f "$target/src/include/lwip/init.h" ]; then
    echo "$target/src"
    exit 0
fi

# The first mirror of the system's own sources, in either format.
mirror() {
    { awk '/^URIs:/ {print $2}' /etc/apt/sources.list.d/*.sources
      awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' /etc/apt/sources.list; } 2>/dev/null | head -1
}
uri=$(mirror || true)
[ -n "$uri" ] || { echo "get_lwip: no Debian mirror in apt's sources" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{etc,none,got,lwip} "$work"/state/lists/partial "$work"/cache/archives/partial
: >"$work/status"
printf 'Types: deb-src\nURIs: %s\nSuites: bookworm\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$uri" \
    >"$work/etc/bookworm.sources"
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/etc" -o Dir::Etc::PreferencesParts="$work/none"
    -o Dir::Etc::Preferences=/dev/null -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
    -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3)
"${apt[@]}" update >&2
(cd "$work/got" && "${apt[@]}" source --download-only lwip/bookworm) >&2

tar -C "$work/lwip" --strip-components=1 -xJf "$work"/got/lwip_*.orig.tar.xz
tar -C "$work/lwip" -xJf "$work"/got/lwip_*.debian.tar.xz
while read -r name; do
    patch -s -d "$work/lwip" -p1 <"$work/lwip/debian/patches/$name"
done < <(grep -v '^#' "$work/lwip/debian/patches/series")
rm -rf "$target.new" "$target"
mv "$work/lwip" "$target.new"
mv "$target.new" "$target" # whole or not there
echo "$target/src"
