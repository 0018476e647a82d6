# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# The administrator's decisions. They name the version that they were made about: if there is another one meanwhile,
# they do not count.

# resolve SERVER: its version is the one that goes on
resolve()
{
    make_directories
    if [ "$mode" = files ]; then
        resolve_files "$1"
    elif [ "$1" = "$name" ]; then
        take_ours
    else
        address "$1" >/dev/null || fail 64 "there is no server $1 in $configuration"
        take_theirs "$1"
    fi
    resolve_status=$?
    write_status
    exit $resolve_status
}

take_ours()
{
    lock || fail 75 "another has-nfs-publish is at work"
    abandon_work || fail 75 "an image is in use: umount $run/work"
    [ -f "$state/current" ] || fail 65 "$name has no version"
    if ! unchanged; then # the image as it is now is the next version
        write_version "$state/next" $(($(current sequence) + 1)) "$(checksum "$state/$(current slot)")" \
            "$(current checksum)" "$name" "$(date +%s)" "$(current slot)" && become "$state/next" || return
    fi
    if is_publisher; then
        printf 'checksum %s\ntaken %s\n' "$(current checksum)" "$(current published)" | replace_file "$state/source"
    fi
    no_conflict "$name"
    take_status=0
    for peer in $peers; do
        take_theirs_now=$(field "$state/conflicts/$peer" theirs)
        [ -n "$take_theirs_now" ] || continue
        if prepare "$peer" "$state/current" "$take_theirs_now" && commit "$peer"; then
            echo "$peer has version $(current sequence) of $name"
        else
            warn "$peer did not take it: $(field "$state/peers/$peer" state) $(field "$state/peers/$peer" error)"
            take_status=75
        fi
    done
    return $take_status
}

# The peer sends; nothing of ours is locked meanwhile.
take_theirs()
{
    ask_peer "$1"
    theirs=$(field "$run/answer.$1" checksum)
    [ -n "$theirs" ] || fail 75 "$1 has no version or does not answer: $(field "$state/peers/$1" error)"
    printf 'checksum %s\n' "$theirs" | replace_file "$state/accept"
    take_answer=$(remote "$1" resend) || fail 75 "$1 does not answer: $(head -n 1 "$run/peer")"
    rm -f "$state/accept"
    if [ "$take_answer" = sent ]; then
        echo "$name has version $(current sequence) of $1"
        ! is_publisher ||
            echo "$source is as it was: has-nfs-publish adopt brings the version into it"
    else
        fail 75 "$1: $take_answer"
    fi
}

# The source directory becomes what the current version is; what it had is kept.
adopt()
{
    is_publisher || fail 78 "$configuration has no source: there is nothing to bring a version into"
    [ "$mode" = image ] || fail 78 "only in mode image"
    make_directories
    lock || fail 75 "another has-nfs-publish is at work"
    { switch_to_current && serves_current; } || fail 70 "the current version is not mounted"
    adopt_kept=$state/replaced/$(date +%Y%m%d-%H%M%S)
    mkdir -p "$adopt_kept"
    if ! rsync -aHAX --numeric-ids --modify-window=-1 --delete --backup --backup-dir="$adopt_kept" \
        --filter='P /lost+found' "$directory/" "$source/"; then
        fail 74 "rsync failed; what was replaced is in $adopt_kept"
    fi
    printf 'checksum %s\ntaken %s\n' "$(current checksum)" "$(date +%s)" | replace_file "$state/source"
    no_conflict "$name"
    rmdir "$adopt_kept" 2>/dev/null || echo "what was replaced or removed is in $adopt_kept"
    write_status
}
