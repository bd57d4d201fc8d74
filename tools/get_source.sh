#!/usr/bin/env bash
# The source of a library as Debian ships it, its patches applied, in a folder of its own: what programs for small targets are built with.
# The system's apt is read (mirror, keyring), never changed; needs no root.
#
#   tools/get_source.sh lwip|mbedtls    into build/source/NAME; quick where it is there. Prints the path.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
package=${1:-}
case $package in
lwip) suite=bookworm ;;
mbedtls) suite=trixie ;; # 3.6, as ESP-IDF has it
*)
    echo "usage: tools/get_source.sh lwip|mbedtls" >&2
    exit 2
    ;;
esac
target=$(mkdir -p build/source && cd build/source && pwd)/$package
if [ -f "$target/.whole" ]; then
    echo "$target"
    exit 0
fi

. tools/apt_apart.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{got,tree}
apt_apart "$work" deb-src "$suite"
(cd "$work/got" && "${apt[@]}" source --download-only "$package/$suite") >&2

tar -C "$work/tree" --strip-components=1 -xf "$work"/got/"$package"_*.orig.tar.*
tar -C "$work/tree" -xf "$work"/got/"$package"_*.debian.tar.xz
while read -r name; do
    patch -s -d "$work/tree" -p1 <"$work/tree/debian/patches/$name"
done < <(grep -v '^ *\(#\|$\)' "$work/tree/debian/patches/series" 2>/dev/null | awk '{print $1}')
rm -rf "$target"
mv "$work/tree" "$target"
touch "$target/.whole"
echo "$target"
