# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# Mode files: a plain rsync of the directory, for those who want files copied; handles differ. The receiver keeps a list
# of what was published to it. What differs from the list was changed there: it is left alone and reported.
# A list has a record for each name: type size time mode owner group /path, ended by a zero byte.

# list DIRECTORY: sorted. Of a directory only that it is there: its time changes with what is in it.
list()
{
    (cd "$1" && find . -mindepth 1 ! -path ./lost+found \( -type d -printf 'd - - - - - /%P\0' \
        -o -printf '%y %s %T@ %m %U %G /%P\0' \)) | sort -z
}

# Paths of the records on the standard input, sorted.
paths()
{
    tr '\n\0' '\001\n' | sed 's/^[^/]*//' | tr '\n\001' '\0\n' | sort -z -u
}

# What was changed here since the last publication: records that are not in its list, and "gone /path".
changed_here()
{
    [ -f "$state/manifest" ] || : >"$state/manifest"
    list "$directory" >"$run/now" || return
    comm -z -23 "$run/now" "$state/manifest"
    paths <"$run/now" >"$run/now.paths"
    paths <"$state/manifest" | comm -z -23 - "$run/now.paths" |
        tr '\n\0' '\001\n' | sed 's/^/gone /' | tr '\n\001' '\0\n'
}

receive_changes()
{
    receive_lock
    changed_here
}

# The words of rsync's server: no others than our own publish_files makes it say.
receive_files()
{
    [ "${1:-}" = --server ] || fail 77 "not allowed"
    shift
    options=
    while [ $# -gt 2 ]; do
        case $1 in
        --delete | --delete-* | --numeric-ids | --modify-window=-1 | --force) ;;
        --timeout=*) is_digits "${1#--timeout=}" || fail 77 "not allowed" ;;
        --*) fail 77 "not allowed: $1" ;;
        -*)
            case ${1%%e.*} in *[!vlHogDtpAXr@0-9-]*) fail 77 "not allowed: $1" ;; esac ;;
        *) fail 77 "not allowed" ;;
        esac
        options="$options $1"
        shift
    done
    [ "$*" = ". files" ] || fail 77 "not allowed"
    receive_lock
    # shellcheck disable=SC2086 # the options from above
    rsync --server $options . "$directory/"
    exit $?
}

# published TIME: the list of what was published is on the standard input
receive_published()
{
    is_digits "${1:-}" || fail 65 "not a time"
    receive_lock
    sort -z -u | replace_file "$state/manifest" || return
    changed_here >"$run/changed"
    changed_count=$(tr -cd '\000' <"$run/changed" | wc -c)
    if [ "$changed_count" -eq 0 ]; then
        no_conflict "$sender"
    else
        files_conflict "$sender" "$run/changed" "on $sender: has-nfs-publish resolve --take $sender"
    fi
    peer_is "$sender" same "" "" "$1"
    write_status
    echo published
}

# files_conflict SERVER LIST RESOLVE
files_conflict()
{
    conflict "$1" files "$(b2sum -l 64 <"$2" | cut -d ' ' -f 1)" \
        "$(tr -cd '\000' <"$2" | wc -c) files changed on the receiver and were left alone: $(paths <"$2" |
            tr '\n\0' '?\n' | head -n 20 | paste -s -d ' ')" "$3"
}

# Patterns for rsync that mean these paths and no others. A backslash is special only where there is a wildcard.
patterns()
{
    paths | tr '\n\0' '\001\n' |
        sed -e '/[*?[]/s/[][*?\\]/\\&/g' | tr '\n\001' '\0\n'
}

# to_peer PEER
to_peer()
{
    to_list=$state/changed.$1
    list "$source" >"$run/source.before" || return
    if ! remote "$1" changes >"$run/theirs"; then
        peer_files "$1" unreachable
        return 1
    fi
    # the same as here by now, or gone there and here: no conflict
    paths <"$run/source.before" | tr '\n\0' '\001\n' | sed 's/^/gone /' | tr '\n\001' '\0\n' | sort -z >"$run/gone"
    sort -z "$run/theirs" | comm -z -23 - "$run/source.before" | awk_gone "$run/gone" >"$to_list.new"
    # what the administrator decided about, as it was then
    [ ! -f "$state/overrule.$1" ] || {
        comm -z -23 "$to_list.new" "$state/overrule.$1" >"$to_list.left" && mv -f "$to_list.left" "$to_list.new"
    }
    mv -f "$to_list.new" "$to_list"
    patterns <"$to_list" >"$run/patterns"
    to_address=$(address "$1")
    case $to_address in *:*) to_address="[$to_address]" ;; esac
    rsync -aHAX --numeric-ids --modify-window=-1 --delete --exclude=/lost+found --from0 \
        --exclude-from="$run/patterns" --timeout=$((timeout * 12)) -e "$(ssh_command)" "$source/" \
        "root@$to_address:files" >"$run/peer" 2>&1 9>&-
    case $? in 0 | 24) ;; *)
        peer_files "$1" unreachable
        return 1 ;;
    esac
    # a file that changed meanwhile went as it was before or after
    list "$source" | sort -z -u -m - "$run/source.before" >"$run/manifest"
    if [ "$(remote "$1" published "$(date +%s)" <"$run/manifest")" != published ]; then
        peer_files "$1" unreachable
        return 1
    fi
    rm -f "$state/overrule.$1"
    if [ -s "$to_list" ]; then
        files_conflict "$1" "$to_list" "copy what shall stay into $source, then: has-nfs-publish resolve --take $name"
        peer_files "$1" conflict "$(tr -cd '\000' <"$to_list" | wc -c)"
        return 1
    fi
    no_conflict "$1"
    peer_files "$1" same 0
}

# Records "gone /path" stay only if the path is in the list of what is here.
awk_gone()
{
    sort -z >"$run/left"
    tr '\n\0' '\001\n' <"$run/left" | grep -v '^gone ' | tr '\n\001' '\0\n' >"$run/left.there"
    comm -z -12 "$run/left" "$1" | sort -z -m - "$run/left.there"
}

# peer_files NAME STATE [DIFFERENCES]: with the time since when it lacks something
peer_files()
{
    files_since=$(field "$state/peers/$1" lacks)
    files_since=${files_since#* }
    files_error=
    [ "$2" != unreachable ] || files_error=$(head -n 1 "$run/peer")
    peer_is "$1" "$2" "" "" "$(date +%s)" "$files_error"
    case $2 in
    same) echo "lacks 0 " ;;
    *) echo "lacks ${3:--} ${files_since:-$(date +%s)}" ;;
    esac >>"$state/peers/$1"
}

# publish_files: exit status as publish
publish_files()
{
    [ "$source" = "$directory" ] || fail 78 "$configuration: in mode files the publisher exports its source itself: \
source and directory must be the same"
    lock || fail 75 "another has-nfs-publish is at work"
    [ -n "$(find "$source" -mindepth 1 -print -quit)" ] || {
        remember_error "$source is empty: is its file system mounted? One file in it, and it is published as it is"
        write_status
        return 1
    }
    files_status=0
    files_taken=$(date +%s)
    for peer in $peers; do
        to_peer "$peer" || files_status=75
    done
    if [ $files_status -eq 0 ]; then
        printf 'taken %s\n' "$files_taken" | note_file "$state/source"
        echo "files 0" | note_file "$state/pending"
        remember_error
    fi
    write_status
    return $files_status
}

# resolve_files SERVER: the publisher's files replace those that were changed on the receivers, as they are listed now
resolve_files()
{
    { is_publisher && [ "$1" = "$name" ]; } ||
        fail 64 "in mode files only the publisher can be taken: copy what shall stay into its source directory"
    for peer in $peers; do
        [ ! -s "$state/changed.$peer" ] || mv -f "$state/changed.$peer" "$state/overrule.$peer"
    done
    publish_files
}
