# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# Two file servers, m1 and m2, as two directories of this machine; between them an ssh that is none.

program=$build/nfs-ha/publish/has-nfs-publish
HAS_PUBLISH_PARTS=$(cd "$top/nfs-ha/publish" && pwd)
HAS_PUBLISH_TOOLS=$build/nfs-ha/publish
export HAS_PUBLISH_PARTS HAS_PUBLISH_TOOLS
failures=0
checks=0

# check TEXT COMMAND...
check()
{
    check_text=$1
    shift
    checks=$((checks + 1))
    if "$@" >"$work/check.out" 2>&1; then
        echo "ok $checks - $check_text"
    else
        echo "not ok $checks - $check_text"
        sed 's/^/#   /' "$work/check.out" "$work/m1.out" "$work/m2.out" 2>/dev/null | tail -n 30
        failures=$((failures + 1))
    fi
}

# returns STATUS COMMAND...
returns()
{
    returns_wanted=$1
    shift
    "$@"
    returns_got=$?
    [ $returns_got -eq "$returns_wanted" ] || {
        echo "status $returns_got, not $returns_wanted: $*"
        return 1
    }
}

# on SERVER COMMAND...: has-nfs-publish there
on()
{
    on_server=$1
    shift
    HAS_PUBLISH_SSH="$work/ssh $on_server" "$program" -c "$work/$on_server.conf" "$@" >"$work/$on_server.out" 2>&1 9>&-
}

# The word of a peer, as it comes by ssh
asked() # FROM TO WORD...
{
    asked_from=$1
    asked_to=$2
    shift 2
    "$work/ssh" "$asked_from" "root@$asked_to" "$@" </dev/null
}

unmount_all()
{
    for unmount_server in m1 m2; do
        for unmount_directory in "$work/$unmount_server/content" "$(run_of $unmount_server)/work" \
            "$(run_of $unmount_server)/stage"; do
            while mountpoint -q "$unmount_directory"; do
                umount "$unmount_directory" || break
            done
        done
    done
}

run_of()
{
    printf '/run/has/publish/%s\n' "$(printf '%s' "$work/$1/state" | tr / _)"
}

leave()
{
    unmount_all
    mountpoint -q "$work/m2/state" && umount "$work/m2/state"
    rm -rf "$work" "$(run_of m1)" "$(run_of m2)"
}

# A new world: m1 publishes, m2 receives.
begin()
{
    unmount_all
    rm -rf "$work/m1" "$work/m2" "$work"/down.* "$work"/kill.*
    configure m1 m2
    configure m2 m1
    echo "source $work/m1/source" >>"$work/m1.conf"
    echo one >"$work/m1/source/one"
    { on m2 init && on m1 init; } || {
        cat "$work/m1.out" "$work/m2.out"
        exit 1
    }
}

configure() # SERVER PEER
{
    mkdir -p "$work/$1/source" "$work/$1/content"
    cat >"$work/$1.conf" <<END
name $1
mode image
directory $work/$1/content
state $work/$1/state
peer $2 $2
size 16
batch 0 5
retry 1
END
}

make_ssh()
{
    cat >"$work/ssh" <<END
#!/bin/sh
# FROM [-l USER] [USER@]TO WORD...
from=\$1
shift
[ "\$1" != -l ] || shift 2
to=\${1#root@}
shift
echo "\$from \$to \$*" >>"$work/ssh.log"
[ ! -e "$work/down.\$to" ] || {
    echo "ssh: connect to host \$to port 22: No route to host" >&2
    exit 255
}
unset HAS_PUBLISH_KILL_AFTER
[ ! -e "$work/kill.\$to" ] || export HAS_PUBLISH_KILL_AFTER="\$(cat "$work/kill.\$to")"
export SSH_ORIGINAL_COMMAND="\$*" HAS_PUBLISH_SSH="$work/ssh \$to"
exec "$program" -c "$work/\$to.conf" receive "\$from"
END
    chmod 755 "$work/ssh"
}

# serves SERVER SOURCE: exactly the files of that directory, by content, owners, times and links
serves()
{
    mountpoint -q "$work/$1/content" || {
        echo "nothing is mounted on $1"
        return 1
    }
    rsync -naHAXi --delete --checksum --numeric-ids "$2/" "$work/$1/content/" >"$work/serves" || return
    [ ! -s "$work/serves" ] || {
        echo "$1 does not serve $2:"
        cat "$work/serves"
        return 1
    }
}

both_serve()
{
    serves m1 "$work/m1/source" && serves m2 "$work/m1/source" && same_image
}

same_image()
{
    cmp "$work/m1/state/$(value m1 current slot)" "$work/m2/state/$(value m2 current slot)"
}

# value SERVER RECORD KEYWORD
value()
{
    sed -n "s/^$3 //p" "$work/$1/state/$2" 2>/dev/null
}

# json SERVER EXPRESSION: what it is in the status file
json()
{
    python3 -c 'import json, sys; s = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
        "$work/$1/state/status.json" "$2"
}

json_is() # SERVER EXPRESSION VALUE
{
    json_got=$(json "$1" "$2")
    [ "$json_got" = "$3" ] || {
        echo "$2 of $1 is $json_got, not $3"
        return 1
    }
}

# handle SERVER FILE: inode and generation
handle()
{
    (cd "$work/$1/content" && stat -c %i "$2" && lsattr -v -d "$2" | awk '{ print $1 }')
}

# until_true COMMAND...: at most 30 s
until_true()
{
    turns=0
    until "$@" >"$work/until.out" 2>&1; do
        turns=$((turns + 1))
        [ $turns -lt 300 ] || {
            cat "$work/until.out"
            return 1
        }
        sleep 0.1
    done
}
