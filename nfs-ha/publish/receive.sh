# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# What a peer may ask: the command that its key is bound to in authorized_keys. sshd puts the peer's words into
# SSH_ORIGINAL_COMMAND; nothing of them is ever executed or used as a path.
#   offer SEQUENCE CHECKSUM PARENT PUBLISHER PUBLISHED SIZE ALLOCATED [REPLACES]     (the history on stdin)
#       have | prepared | send | ahead … | conflict … | busy | room …
#   rsync --server … . image        the blocks of what was offered
#   check CHECKSUM                  prepared | damaged
#   commit CHECKSUM                 serving | …
#   status CHECKSUM, resend         what is here; our version is sent to who asks

receive()
{
    sender=$1
    address "$sender" >/dev/null || fail 77 "$sender is no peer of $name in $configuration"
    [ -d "$state" ] || fail 73 "has-nfs-publish init was not run on $name"
    make_directories
    # shellcheck disable=SC2086 # words
    set -f && set -- ${SSH_ORIGINAL_COMMAND:-} && set +f
    for receive_word; do
        case $receive_word in *[!A-Za-z0-9._=@-]*) fail 77 "not allowed" ;; esac
    done
    verb=${1:-}
    [ $# -eq 0 ] || shift
    case $mode:$verb:$# in
    image:offer:[78]) receive_offer "$@" ;;
    image:rsync:*) receive_image "$@" ;;
    image:check:1) receive_check "$1" ;;
    image:commit:1) receive_commit "$1" ;;
    *:status:1) receive_status "$1" ;;
    image:resend:0) receive_resend ;;
    files:changes:0) receive_changes ;;
    files:rsync:*) receive_files "$@" ;;
    files:published:*) receive_published "$@" ;;
    *) fail 77 "not allowed" ;;
    esac
}

# Only one command of a peer, or of ours, at a time.
receive_lock()
{
    lock "$timeout" || {
        echo "busy: another has-nfs-publish is at work on $name"
        exit 0
    }
}

their_version()
{
    for their_value in "$1" "$5" "$6" "$7"; do
        is_digits "$their_value" || fail 65 "not a number"
    done
    for their_value in "$2" "$3" "$4" "${8:-none}"; do
        is_name "$their_value" || fail 65 "not a version"
    done
}

is_digits()
{
    case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac
}

receive_offer()
{
    their_version "$@"
    receive_lock
    # what they have before it, of which ours must be one
    cat >"$run/offered"
    ours=$(current checksum)
    ours=${ours:-none}
    ours_words="$(current sequence) $ours $(current published)"
    [ "$ours" != none ] || ours_words="0 none 0"
    if [ "$ours" = "$2" ]; then
        no_conflict "$sender"
        echo have
    elif [ "$ours" = "${8:-}" ] || accepted "$2"; then
        make_incoming "$@" # the administrator's decision
    elif knows "$2"; then
        echo "ahead $ours_words"
    elif [ "$ours" != none ] && ! grep -q "^[0-9]* $ours " "$run/offered"; then
        refuse diverged "it sends version $1, published by $4 $(moment "$5"), which does not follow \
version ${ours_words%% *} here" "$2"
    elif ! unchanged; then
        refuse changed "somebody wrote to the image of version $(current sequence) here" "$2"
    else
        make_incoming "$@"
    fi
    write_status
}

# accepted CHECKSUM: whether the administrator decided for that version.
accepted()
{
    [ "$(field "$state/accept" checksum)" = "$1" ]
}

# refuse KIND TEXT CHECKSUM
refuse()
{
    conflict "$sender" "$1" "$3" "$2" "has-nfs-publish resolve --take $name, or: --take $sender"
    echo "conflict $ours_words $1"
}

make_incoming()
{
    if [ "$(field "$state/incoming" checksum)" = "$2" ] && [ "$(field "$state/incoming" prepared)" = yes ] &&
        [ "$(field "$state/incoming" base)" = "$ours" ] && [ -e "$state/$(field "$state/incoming" slot)" ]; then
        echo prepared
        return
    fi
    incoming_slot=$(free_slot)
    # what is there of the image that is written over need not be allocated again
    incoming_bytes=$(($7 - $(allocated "$state/$incoming_slot")))
    if [ $incoming_bytes -gt 0 ] && ! room $incoming_bytes; then
        echo "room: $state on $name has $room_available bytes free, the image needs $room_needed"
        return
    fi
    mv -f "$run/offered" "$state/incoming.history" || return
    replace_file "$state/incoming" <<END
sequence $1
checksum $2
parent $3
publisher $4
published $5
slot $incoming_slot
base $ours
END
    # the image in use is much like it, and spares the wire all but the changes
    if [ ! -e "$state/$incoming_slot" ] && [ "$ours" != none ]; then
        cp --reflink=auto --sparse=always "$state/$(current slot)" "$state/$incoming_slot"
    fi
    step incoming
    echo send
}

# The words of rsync's server, of which only its options for the protocol are free. Whatever file is named, it is the
# image that was offered.
receive_image()
{
    [ "${1:-}" = --server ] || fail 77 "not allowed"
    shift
    options=
    while [ $# -gt 2 ]; do
        case $1 in
        --inplace | --no-whole-file | --no-W | --sparse) ;;
        --timeout=*) is_digits "${1#--timeout=}" || fail 77 "not allowed" ;;
        --*) fail 77 "not allowed" ;;
        -*)
            case ${1%%e.*} in *[!SIv-]*) fail 77 "not allowed: $1" ;; esac ;;
        *) fail 77 "not allowed" ;;
        esac
        options="$options $1"
        shift
    done
    [ "$*" = ". image" ] || fail 77 "not allowed"
    receive_lock
    receive_slot=$(field "$state/incoming" slot)
    { [ -n "$receive_slot" ] && [ "$receive_slot" != "$(current slot)" ] && ! attached "$state/$receive_slot"; } ||
        fail 75 "nothing was offered"
    grep -v '^prepared' "$state/incoming" | replace_file "$state/incoming"
    # shellcheck disable=SC2086 # the options from above
    rsync --server $options . "$state/$receive_slot"
    receive_status=$?
    step received
    exit $receive_status
}

receive_check()
{
    receive_lock
    receive_slot=$(field "$state/incoming" slot)
    if [ "$1" != "$(field "$state/incoming" checksum)" ] || [ -z "$receive_slot" ]; then
        echo "damaged: another version was offered meanwhile"
    elif sync "$state/$receive_slot" && [ "$(checksum "$state/$receive_slot")" = "$1" ]; then
        {
            grep -v '^prepared\|^stamp' "$state/incoming"
            echo "stamp $(stamp "$state/$receive_slot")"
            echo "prepared yes"
        } | replace_file "$state/incoming"
        step checked
        echo prepared
    else
        echo "damaged: the image does not have the checksum that was offered"
    fi
}

receive_commit()
{
    receive_lock
    if [ "$1" = "$(current checksum)" ]; then
        : # sent before, and the answer was lost
    elif [ "$(field "$state/incoming" checksum)" != "$1" ] || [ "$(field "$state/incoming" prepared)" != yes ]; then
        echo "not prepared: $name was not sent this version"
        return
    elif [ "$(field "$state/incoming" base)" != "$(current checksum)" ] && [ -f "$state/current" ]; then
        echo "not prepared: $name has another version meanwhile"
        return
    else
        become "$state/incoming" "$state/incoming.history" || return
        rm -f "$state/accept" "$state/incoming.history"
        no_conflict "$sender" "$name"
    fi
    if switch_to_current; then
        remember_error
        peer_is "$sender" same "$(current sequence)" "$(current checksum)" "$(current published)"
        echo serving
    else
        echo "taken, but not mounted: $(field "$state/error" error)"
    fi
    write_status
}

receive_status()
{
    echo "sequence $(current sequence)"
    echo "checksum $(current checksum)"
    echo "published $(current published)"
    echo "conflict $(field "$state/conflicts/$sender" kind)"
    if knows "$1"; then echo "knows yes"; fi
}

# The administrator there decided for our version.
receive_resend()
{
    receive_lock
    no_conflict "$sender"
    if prepare "$sender" "$state/current" && commit "$sender"; then
        echo sent
    else
        echo "not sent: $(field "$state/peers/$sender" error)"
    fi
    write_status
}
