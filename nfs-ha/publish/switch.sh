# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# Taking a version into use under the clients' eyes. The new file system is mounted in place of the old one; nfsd is
# made to forget the old, and finds the same handles in the new.

# The image that is mounted on the directory; nothing when none is.
served_image()
{
    served_device=$(findmnt -n -r -o SOURCE --mountpoint "$directory" | tail -n 1)
    case $served_device in
    /dev/loop*) cat "/sys/block/${served_device#/dev/}/loop/backing_file" 2>/dev/null ;;
    ?*) echo "$served_device" ;;
    esac
}

serves_current()
{
    [ -f "$state/current" ] && [ "$(served_image)" = "$(readlink -f "$state/$(current slot)")" ]
}

# In one of our images? Else somebody else's file system would be unmounted.
may_replace()
{
    may_replace_image=$(served_image)
    case $may_replace_image in
    '' | "$(readlink -f "$state")"/image.*) ;;
    *)
        remember_error "$directory has $may_replace_image mounted, which is none of ours: unmount it"
        return 1
        ;;
    esac
}

# expire MAJOR:MINOR
# A client of NFSv4 with a file open keeps reading the old file by its stateid, but sees the new one's attributes: it
# would take the old content for the new. So clients that hold anything there are expired; they claim at once what they
# had open, in the new file system, and no application sees it.
expire()
{
    expire_blocks=$(printf 'superblock: "%02x:%02x:' "${1%:*}" "${1#*:}")
    for expire_client in /proc/fs/nfsd/clients/*/; do
        if grep -q "$expire_blocks" "${expire_client}states" 2>/dev/null; then
            echo expire 2>/dev/null >"${expire_client}ctl"
        fi
    done
}

# flush CACHE: of nfsd, as exportfs -f does
flush()
{
    [ ! -e "/proc/net/rpc/$1/flush" ] || echo "$flush_time" >"/proc/net/rpc/$1/flush"
}

# release IMAGE MAJOR:MINOR: until nobody has it any more, 5 s at most. Else it stays as it is, unused, until its users
# let go.
# Nothing may take time between the first two steps: clients could open old files again. The two caches apart from
# each other: a request that found the old file system in nfsd.fh, and not any more in nfsd.export, would make nfsd ask for the
# export of a path that is none now, and be dropped (NFSv3: for timeo, 60 s) or answered ESTALE.
release()
{
    flush_time=$(($(date +%s) + 1))
    expire "$2"
    flush nfsd.fh
    sleep 0.2
    expire "$2"
    flush nfsd.export
    release_turns=50
    while attached "$1"; do
        release_turns=$((release_turns - 1))
        if [ $release_turns -eq 0 ]; then
            warn "$1 is still in use, by a program here or a lock of NFSv3; it stays until it is let go"
            return 0
        fi
        sleep 0.1
        expire "$2"
    done
}

# Both the same: nothing is done when the current version is mounted already.
switch_to_current()
{
    [ -f "$state/current" ] || return 0
    ! serves_current || return 0
    may_replace || return
    if ! unchanged; then
        conflict "$name" changed "$(stamp "$state/$(current slot)")" \
            "the image of version $(current sequence) here is not what was published" \
            "has-nfs-publish resolve --take (a peer's name)"
        return 1
    fi
    switch_old=$(served_image)
    switch_device=$(mountpoint -d "$directory" 2>/dev/null)
    mkdir -p "$run/stage" "$directory"
    ! mountpoint -q "$run/stage" || umount "$run/stage" || return
    if ! mount -t ext4 -o loop,ro,noatime,nodev,nosuid "$state/$(current slot)" "$run/stage" 2>"$run/messages"; then
        remember_error "mounting version $(current sequence): $(tail -n 1 "$run/messages")"
        return 1
    fi
    step staged
    "$tools/publish-mount" "$run/stage" "$directory" 2>"$run/messages" || {
        remember_error "$(tail -n 1 "$run/messages")"
        umount "$run/stage"
        return 1
    }
    step mounted
    umount "$run/stage"
    if [ -n "$switch_old" ]; then
        release "$switch_old" "$switch_device"
    fi
    step released
}

switch_now()
{
    make_directories
    [ "$mode" = image ] || return 0
    lock || fail 75 "another has-nfs-publish is at work"
    switch_to_current
    switch_status=$?
    write_status
    unlock
    return $switch_status
}
