# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# Publishing. A version is sent to all peers that can be reached before any server takes it into use; then this one
# does, then one peer after the other. Power lost before that leaves all at the old version, and after it a version that
# is sent again.

# The program's path has no blanks, and so have the options: rsync splits them, too.
ssh_command()
{
    echo "${HAS_PUBLISH_SSH:-ssh -i $key -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=$timeout \
-o ServerAliveInterval=$timeout -o ServerAliveCountMax=2 -o LogLevel=ERROR}"
}

# remote PEER WORD...: what a peer's "receive" answers; its complaints are in $run/peer
remote()
{
    remote_address=$(address "$1") || fail 64 "there is no peer $1 in $configuration"
    shift
    # shellcheck disable=SC2046 # a program and its options
    $(ssh_command) "root@$remote_address" "$@" 2>"$run/peer" 9>&-
}

# send_image PEER FILE
send_image()
{
    send_address=$(address "$1")
    case $send_address in *:*) send_address="[$send_address]" ;; esac
    rsync --inplace --sparse --ignore-times --no-whole-file --timeout=$((timeout * 12)) -e "$(ssh_command)" \
        "$2" "root@$send_address:image" >"$run/peer" 2>&1 9>&-
}

# offer PEER RECORD [REPLACES]: asks whether the peer takes the version of that record. It does when its own is one of
# those before it (the history goes with the offer), or, by the administrator's decision, the one that is named.
# Sets answer and its words answer_2 to answer_5.
offer()
{
    offer_image=$state/$(field "$2" slot)
    answer=$({ cat "$state/history" 2>/dev/null || :; } |
        remote "$1" offer "$(field "$2" sequence)" "$(field "$2" checksum)" "$(field "$2" parent)" \
            "$(field "$2" publisher)" "$(field "$2" published)" "$(stat -c %s "$offer_image")" \
            "$(allocated "$offer_image")" ${3:+"$3"}) || {
        peer_silent "$1"
        return 1
    }
    read -r answer answer_2 answer_3 answer_4 answer_5 <<END
$answer
END
}

peer_silent()
{
    peer_text=$(head -n 1 "$run/peer")
    peer_is "$1" unreachable "$(field "$state/peers/$1" sequence)" "$(field "$state/peers/$1" checksum)" \
        "$(field "$state/peers/$1" published)" "${peer_text:-no answer}"
}

# prepare PEER RECORD [REPLACES]: the peer has it, checked, and waits for the word to take it into use. Status 1: it
# does not.
prepare()
{
    offer "$1" "$2" "${3:-}" || return
    case $answer in
    have | prepared) return 0 ;;
    send) ;;
    ahead)
        peer_is "$1" ahead "$answer_2" "$answer_3" "$answer_4"
        return 1
        ;;
    conflict)
        peer_is "$1" conflict "$answer_2" "$answer_3" "$answer_4"
        prepare_text="it has version $answer_2, published $(moment "$answer_4"), which ours does not follow"
        [ "$answer_5" != changed ] || prepare_text="somebody wrote to its image of version $answer_2"
        conflict "$1" "$answer_5" "$answer_3" "$prepare_text" \
            "has-nfs-publish resolve --take $name, or: --take $1"
        return 1
        ;;
    *)
        echo "$answer $answer_2 $answer_3 $answer_4 $answer_5" >"$run/peer"
        peer_silent "$1"
        return 1
        ;;
    esac
    step offered
    if ! send_image "$1" "$state/$(field "$2" slot)" ||
        [ "$(remote "$1" check "$(field "$2" checksum)")" != prepared ]; then
        peer_silent "$1"
        return 1
    fi
    step prepared
}

# commit PEER: the peer takes our current version, which it has, into use
commit()
{
    commit_answer=$(remote "$1" commit "$(current checksum)") || {
        peer_silent "$1"
        return 1
    }
    case $commit_answer in
    serving) peer_is "$1" same "$(current sequence)" "$(current checksum)" "$(current published)" && no_conflict "$1" ;;
    *)
        echo "$commit_answer" >"$run/peer"
        peer_silent "$1"
        return 1
        ;;
    esac
    step committed
}

# Each peer that does not have the current version gets it.
distribute()
{
    distribute_status=0
    [ -f "$state/current" ] || return 0
    for peer in $peers; do
        if [ "$(field "$state/peers/$peer" state)" = same ] &&
            [ "$(field "$state/peers/$peer" checksum)" = "$(current checksum)" ]; then
            continue
        fi
        { prepare "$peer" "$state/current" && commit "$peer"; } || distribute_status=75
    done
    return $distribute_status
}

# Whether what the source directory would undo is only our own: the current version is the one it was brought to.
source_follows()
{
    [ -f "$state/current" ] || return 0
    if [ "$(current checksum)" = "$(field "$state/source" checksum)" ]; then
        no_conflict "$name"
        return 0
    fi
    if [ "$changes" -eq 0 ]; then # equal, whoever made it so
        printf 'checksum %s\ntaken %s\n' "$(current checksum)" "$(date +%s)" | replace_file "$state/source"
        no_conflict "$name"
        return 0
    fi
    conflict "$name" source "$(current checksum)" \
        "version $(current sequence) was published by $(current publisher), and $source does not follow it" \
        "has-nfs-publish adopt (takes it into $source), or: has-nfs-publish resolve --take $name"
    return 1
}

# Whether a peer has a version of its own: ours would go apart from it further with each publication.
diverged()
{
    for peer in $peers; do
        [ "$(field "$state/conflicts/$peer" kind)" != diverged ] || return 0
    done
    return 1
}

# Peers with a conflict are asked again whether it is still there; nothing is sent while it is.
ask_diverged()
{
    [ -f "$state/current" ] || return 0
    for peer in $peers; do
        [ "$(field "$state/conflicts/$peer" kind)" = diverged ] || continue
        if prepare "$peer" "$state/current"; then commit "$peer"; fi
    done
}

# An empty source is more likely a file system that is not mounted than a wish to delete everything.
not_empty()
{
    [ ! -f "$state/current" ] || [ -n "$(find "$source" -mindepth 1 ! -path "$source/lost+found" -print -quit)" ] || {
        remember_error "$source is empty: is its file system mounted? One file in it, and it is published as it is"
        return 1
    }
}

# The new version that lies ready becomes the current one everywhere.
take_everywhere()
{
    ready=
    for peer in $peers; do
        if prepare "$peer" "$state/next"; then ready="$ready $peer"; fi
    done
    ! diverged || return
    printf 'checksum %s\ntaken %s\n' "$(field "$state/next" checksum)" "$make_taken" |
        replace_file "$state/source.next"
    become "$state/next" && mv -f "$state/source.next" "$state/source" || return
    step source
    switch_to_current || return
    for peer in $ready; do
        commit "$peer"
    done
}

publish_changes()
{
    not_empty && switch_to_current || return
    # after a power failure between two steps: the version is ours, its record of the source is not written yet
    if [ -f "$state/source.next" ] && [ "$(field "$state/source.next" checksum)" = "$(current checksum)" ]; then
        mv -f "$state/source.next" "$state/source"
    fi
    changes=1 changed_files=0 changed_bytes=0
    if [ -f "$state/current" ]; then
        compare_source "$directory" "${1:-}" && source_follows || return
    fi
    echo "files $changed_files" | note_file "$state/pending"
    [ "$changes" -gt 0 ] || return 0
    ask_diverged
    ! diverged || return
    unchanged || {
        conflict "$name" changed "$(stamp "$state/$(current slot)")" \
            "the image of version $(current sequence) here is not what was published" \
            "has-nfs-publish resolve --take $name, or a peer's name"
        return 1
    }
    make_version "${1:-}" && take_everywhere || return
    echo "files 0" | note_file "$state/pending"
}

# publish [--full]: exit status 0: all peers have all; 75: not all were reached; 1: not done
publish()
{
    is_publisher || fail 78 "$configuration has no source: this server does not publish"
    [ -d "$source" ] || fail 66 "there is no directory $source: nothing is published, so that nothing is lost"
    make_directories
    [ "$mode" = image ] || {
        publish_files "${1:-}"
        return
    }
    lock || fail 75 "another has-nfs-publish is at work"
    abandon_work || fail 75 "an image is in use: umount $run/work"
    publish_status=1
    if publish_changes "${1:-}"; then
        remember_error
        distribute
        publish_status=$?
    fi
    write_status
    return $publish_status
}
