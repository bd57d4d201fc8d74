#!/usr/bin/env bash
# The model checker CBMC in a folder of its own. Debian 12 has no package of it; Debian 13's runs there with Debian 13's own loader and
# libraries beside it. The system's apt is read (mirror, keyring), never changed; needs no root.
#
# The checker's own packages are pinned by digest in tools/cbmc.lock; the C library beside them may have had security updates, and is
# verified by apt with the archive's key.
#
#   tools/get_cbmc.sh [DIRECTORY]     default build/cbmc; quick where it is there. Prints the program's path.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$(mkdir -p "${1:-build/cbmc}" && cd "${1:-build/cbmc}" && pwd)
if [ -x "$target/cbmc" ]; then
    echo "$target/cbmc"
    exit 0
fi
if command -v cbmc >/dev/null; then
    command -v cbmc
    exit 0
fi

. tools/apt_apart.sh
work=$target/work
mkdir -p "$work/debs"
apt_apart "$work" deb trixie
(cd "$work/debs" && "${apt[@]}" download cbmc libc6 libstdc++6 libgcc-s1 minisat zlib1g)
if [ "$(dpkg --print-architecture)" = amd64 ]; then
    lock=$PWD/tools/cbmc.lock
    (cd "$work/debs" && sha256sum --check --quiet "$lock") || { echo "get_cbmc: a package differs from tools/cbmc.lock" >&2; exit 1; }
fi
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$target"; done
rm -rf "$work"

for tool in cbmc goto-cc goto-instrument; do
    cat >"$target/$tool" <<END
#!/bin/sh
# $tool with the loader and libraries it was built for; the compiler that it calls stays the system's.
here=\$(cd "\$(dirname "\$0")" && pwd)
lib=\$here/usr/lib/\$(uname -m)-linux-gnu
for loader in "\$lib"/ld-linux-*.so.*; do :; done
exec "\$loader" --library-path "\$lib:\$here/usr/lib" "\$here/usr/bin/$tool" "\$@"
END
    chmod +x "$target/$tool"
done
"$target/cbmc" --version >/dev/null
echo "$target/cbmc"
