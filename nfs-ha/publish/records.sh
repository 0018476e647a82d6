# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# What is known of versions, conflicts and peers: small files in the state directory, keyword and value on each line.
#   current    the version in use        next      one that is being published here
#   incoming   one that a peer sends     source    the version that the source directory was last equal to
#   history    the versions before the current one, and itself: sequence, checksum, time
#   conflicts/SERVER, peers/SERVER

# field FILE KEYWORD: prints the value, nothing when there is none
field()
{
    [ -f "$1" ] || return 0
    while read -r field_keyword field_value; do
        [ "$field_keyword" != "$2" ] || {
            printf '%s\n' "$field_value"
            return 0
        }
    done <"$1"
}

# replace_file FILE: its content from the standard input, all or nothing, also when the power fails
replace_file()
{
    cat >"$1.new" && sync "$1.new" && mv -f "$1.new" "$1" && sync "${1%/*}"
}

# The same for what can be found out again after a power failure: whole, but perhaps the old one.
note_file()
{
    cat >"$1.new" && mv -f "$1.new" "$1"
}

# write_version FILE SEQUENCE CHECKSUM PARENT PUBLISHER PUBLISHED SLOT
# The image's time of change and size tell later, without reading it, whether somebody wrote to it.
write_version()
{
    replace_file "$1" <<END
sequence $2
checksum $3
parent $4
publisher $5
published $6
slot $7
stamp $(stamp "$state/$7")
END
}

stamp()
{
    stat -c '%Y.%s' "$1" 2>/dev/null || echo missing
}

current()
{
    field "$state/current" "$1"
}

# knows CHECKSUM: whether the current version is this one or came from it. A power failure may have left the line of a
# version that did not become the current one.
knows()
{
    [ -f "$state/history" ] && awk -v of="$1" -v current="$(current checksum)" '
        $2 == of { found = 1 }
        $2 == current { exit }
        END { exit !found }' "$state/history"
}

# become FILE: the version of that record is the current one from now on
become()
{
    become_line="$(field "$1" sequence) $(field "$1" checksum) $(field "$1" published)"
    { grep -v " $(field "$1" checksum) " "${2:-$state/history}" 2>/dev/null; echo "$become_line"; } |
        tail -n 10000 | replace_file "$state/history" || return
    step history
    mv -f "$1" "$state/current" && sync "$state"
    step current
}

# conflict SERVER KIND THEIRS TEXT RESOLVE: written down for the status
conflict()
{
    # the same again is no news
    [ "$(field "$state/conflicts/$1" kind)$(field "$state/conflicts/$1" theirs)" = "$2$3" ] ||
        warn "conflict with $1: $4. To resolve it: $5"
    note_file "$state/conflicts/$1" <<END
kind $2
theirs $3
text $4
resolve $5
END
}

no_conflict()
{
    for no_conflict_name in "$@"; do
        rm -f "$state/conflicts/$no_conflict_name"
    done
}

# peer_is NAME STATE SEQUENCE CHECKSUM PUBLISHED ERROR: what is known of a peer; "-" where a value is not known
peer_is()
{
    peer_seen=$(date +%s)
    [ "$2" != unreachable ] || peer_seen=$(field "$state/peers/$1" seen)
    note_file "$state/peers/$1" <<END
state $2
sequence $3
checksum $4
published $5
seen $peer_seen
error ${6:-}
END
}

# remember_error [TEXT]: what failed last, for the status
remember_error()
{
    if [ -z "${1:-}" ]; then
        rm -f "$state/error"
    else
        warn "$1"
        printf 'error %s\n' "$1" | note_file "$state/error"
    fi
}

moment()
{
    date -d "@$1" '+%Y-%m-%d %H:%M:%S' 2>/dev/null || echo "$1"
}
