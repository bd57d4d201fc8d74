#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
echo "skipped: ports/lwip is not built: no source of lwIP in build/source (tools/get_source.sh lwip), or it came after the last cmake"
exit 77
