# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# publish.conf, and how a failure is told.

# fail STATUS TEXT: ends the program
fail()
{
    echo "has-nfs-publish: $2" >&2
    exit "$1"
}

warn()
{
    echo "has-nfs-publish: $*" >&2
}

# For the tests: the program is killed after the step of this name, as a power failure would.
step()
{
    [ "${HAS_PUBLISH_KILL_AFTER:-}" != "$1" ] || kill -KILL $$
}

bad_line()
{
    fail 78 "$configuration, line $line_number: $1"
}

is_number()
{
    case $1 in '' | *[!0-9]* | ?????????*) return 1 ;; esac
}

is_name()
{
    case $1 in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) return 1 ;; esac
}

number()
{
    { is_number "$value" && [ "$value" -ge "$1" ] && [ "$value" -le "$2" ]; } ||
        bad_line "$keyword: a number from $1 to $2, not \"$value\""
}

path()
{
    case $value in /?*) ;; *) bad_line "$keyword: an absolute path, not \"$value\"" ;; esac
    value=${value%/}
}

add_peer()
{
    peer_name=${value%%[ 	]*}
    peer_address=${value##*[ 	]}
    if ! is_name "$peer_name" || [ "$peer_name" = "$value" ]; then
        bad_line "peer: a name and an address, not \"$value\""
    fi
    case $peer_address in -* | *[!A-Za-z0-9.:_-]*) bad_line "peer: \"$peer_address\" is no address" ;; esac
    peers="$peers $peer_name"
    addresses="$addresses $peer_name=$peer_address "
}

batch()
{
    longest=${value##*[ 	]}
    value=${value%%[ 	]*}
    number 0 3600
    settle=$value
    value=$longest
    number "$settle" 3600
}

take_line()
{
    case $keyword in
    name) is_name "$value" || bad_line "name: letters, digits, '.', '_' and '-', not \"$value\"" && name=$value ;;
    mode)
        case $value in image | files) mode=$value ;; *) bad_line "mode: image or files, not \"$value\"" ;; esac ;;
    directory) path && directory=$value ;;
    source) path && source=$value ;;
    state) path && state=$value ;;
    key) path && key=$value ;;
    peer) add_peer ;;
    size) number 16 16777216 && size=$value ;;
    batch) batch ;;
    compare) number 1 86400 && compare=$value ;;
    retry) number 1 86400 && retry=$value ;;
    timeout) number 1 600 && timeout=$value ;;
    *) bad_line "\"$keyword\" is no keyword; see has-nfs-publish(8)" ;;
    esac
}

read_configuration()
{
    name=$(uname -n) && name=${name%%.*}
    mode=image directory='' source='' state=/var/lib/has/publish key=/etc/has/publish.key
    peers='' addresses=' ' size=1024 settle=1 longest=10 compare=300 retry=10 timeout=5
    [ -r "$1" ] || fail 78 "$1 is missing or cannot be read; has-nfs-publish(8) describes it"
    line_number=0
    while IFS= read -r line || [ -n "$line" ]; do
        line_number=$((line_number + 1))
        line=${line%%#*}
        # shellcheck disable=SC2086 # blanks at both ends go; those in a path stay single
        set -f && set -- $line && set +f
        [ $# -gt 0 ] || continue
        keyword=$1
        shift
        value=$*
        [ -n "$value" ] || bad_line "$keyword has no value"
        take_line
    done <"$1"
    [ -n "$directory" ] || fail 78 "$configuration: directory is missing: what is exported"
    case $source/ in "$directory"/*)
        [ "$mode" = files ] || fail 78 "$configuration: source is below directory, where the image is mounted" ;;
    esac
    run=/run/has/publish/$(printf '%s' "$state" | tr / _)
}

# address PEER: prints it; fails when there is no such peer
address()
{
    case $addresses in *" $1="*) ;; *) return 1 ;; esac
    address_rest=${addresses#*" $1="}
    printf '%s\n' "${address_rest%% *}"
}

# One at a time changes what is in the state directory.
lock()
{
    exec 9>"$state/lock" || fail 73 "cannot write in $state; run \"has-nfs-publish init\" first"
    flock -w "${1:-600}" 9
}

unlock()
{
    exec 9>&-
}

is_publisher()
{
    [ -n "$source" ]
}

make_directories()
{
    mkdir -p "$state/conflicts" "$state/peers" "$run" && chmod 700 "$state" "$run"
}
