# For other scripts (`. tools/apt_apart.sh`): packages of another Debian, without touching this one. The system's apt is read
# (mirror, keyring), never changed; needs no root.
# SPDX-License-Identifier: Apache-2.0

# The first mirror of the system's own sources, in either format.
apt_mirror() {
    { awk '/^URIs:/ {print $2}' /etc/apt/sources.list.d/*.sources
      awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' /etc/apt/sources.list; } 2>/dev/null | head -1
}

# apt_apart FOLDER deb|deb-src SUITE [ARCHITECTURE]: "${apt[@]}" is an apt-get of that suite alone, whose state lies in FOLDER, with
# its index read.
apt_apart() {
    local work=$1 type=$2 suite=$3 architecture=${4:-$(dpkg --print-architecture)} uri tries=3
    uri=$(apt_mirror || true)
    [ -n "$uri" ] || { echo "no Debian mirror in apt's sources" >&2; return 1; }
    mkdir -p "$work"/{etc,none} "$work"/state/lists/partial "$work"/cache/archives/partial
    : >"$work/status"
    printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$type" "$uri" \
        "$suite" >"$work/etc/apart.sources"
    apt=(apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture"
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/etc" -o Dir::Etc::PreferencesParts="$work/none"
        -o Dir::Etc::Preferences=/dev/null -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache"
        -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=3)
    # A mirror in the middle of its own update has indexes that do not fit: it is asked again.
    until "${apt[@]}" update >&2; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "the index of $suite cannot be read" >&2; return 1; }
        sleep 2
    done
}
