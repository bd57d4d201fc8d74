#!/usr/bin/env bash
# clang-format 14, the version whose opinion is the rule: Debian 12 has it, Debian 13 does not. There PyPI's is taken, pinned by version
# and digest, into a folder of its own; needs no root.
#
#   tools/get_clang_format.sh    into build/clang-format; quick where it is there, or where the system has that version
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=build/clang-format

if command -v clang-format-14 || clang-format --version 2>/dev/null | grep 'version 14\.' || [ -f "$target/.whole" ]; then
    exit 0
fi
rm -rf "$target"
python3 -m venv "$target"
"$target/bin/pip" install -q --disable-pip-version-check --no-input --only-binary :all: --require-hashes -r tools/clang-format.lock
"$target/bin/clang-format" --version
touch "$target/.whole"
