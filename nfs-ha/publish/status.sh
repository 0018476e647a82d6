# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# What hasctl nfs status shows: status.json, and the same for people.

# string TEXT: as JSON, or null when there is none
string()
{
    if [ -z "$1" ]; then
        printf null
    else
        printf '%s' "$1" | tr '\000-\037' ' ' | sed 's/\\/\\\\/g; s/"/\\"/g; 1s/^/"/; $s/$/"/'
    fi
}

text()
{
    if [ -n "$1" ]; then string "$1"; else printf '""'; fi
}

count()
{
    case $1 in '' | *[!0-9]*) printf null ;; *) printf '%s' "$1" ;; esac
}

# The time of the oldest change in the source directory since it was taken into a version.
pending_since()
{
    pending_taken=$(field "$state/source" taken)
    [ -n "$pending_taken" ] && [ -d "$source" ] || return 0
    find "$source" -newerct "@$pending_taken" -printf '%C@\n' 2>/dev/null | sort -n | head -n 1 | cut -d . -f 1
}

# lacks CHECKSUM: how many of our versions follow it, and when the first of them was published
lacks()
{
    if [ -z "$1" ] || [ "$1" = - ] || [ "$1" = none ]; then
        awk 'NR == 1 { first = $3 } END { print NR, first }' "$state/history" 2>/dev/null
    else
        awk -v of="$1" '$2 == of { found = 1; n = 0; next } found { if (!n++) first = $3 }
            END { print found ? n : "-", first }' "$state/history" 2>/dev/null
    fi
}

peer_json()
{
    peer_state=$(field "$state/peers/$1" state)
    peer_checksum=$(field "$state/peers/$1" checksum)
    if [ "$peer_state" = same ] && [ "$peer_checksum" != "$(current checksum)" ] && [ "$mode" = image ]; then
        peer_state=behind
    fi
    [ "$mode" = image ] || peer_lacks="$(field "$state/peers/$1" lacks) "
    [ "$mode" != image ] || peer_lacks=$(lacks "$peer_checksum")
    peer_lag=0
    if [ -n "${peer_lacks#* }" ]; then
        peer_lag=$(($(date +%s) - ${peer_lacks#* }))
        [ "$peer_state" != same ] || peer_state=behind
    fi
    printf '{"name":%s,"address":%s,"state":"%s","sequence":%s,"checksum":%s,"published":%s,"lag_s":%s,' \
        "$(string "$1")" "$(string "$(address "$1")")" "${peer_state:-unknown}" \
        "$(count "$(field "$state/peers/$1" sequence)")" "$(string "${peer_checksum#-}")" \
        "$(count "$(field "$state/peers/$1" published)")" "$peer_lag"
    printf '"differences":%s,"seen":%s,"error":%s}' "$(count "${peer_lacks%% *}")" \
        "$(count "$(field "$state/peers/$1" seen)")" "$(text "$(field "$state/peers/$1" error)")"
}

conflict_json()
{
    printf '{"server":%s,"kind":%s,"text":%s,"resolve":%s}' "$(string "${1##*/}")" "$(string "$(field "$1" kind)")" \
        "$(text "$(field "$1" text)")" "$(text "$(field "$1" resolve)")"
}

version_json()
{
    [ -f "$state/current" ] || {
        printf null
        return
    }
    printf '{"sequence":%s,"checksum":%s,"parent":%s,"publisher":%s,"published":%s}' "$(count "$(current sequence)")" \
        "$(string "$(current checksum)")" "$(string "$(current parent)")" "$(string "$(current publisher)")" \
        "$(count "$(current published)")"
}

pending_json()
{
    pending_time='' pending_files=0
    if ! is_publisher; then
        printf '{"files":0,"since":null}'
        return
    fi
    pending_files=$(field "$state/pending" files)
    if [ "$pending_files" != 0 ] || [ -f "$run/noticed" ]; then pending_time=$(pending_since); fi
    [ -z "$pending_time" ] || [ "$pending_files" != 0 ] || pending_files=
    printf '{"files":%s,"since":%s}' "$(count "$pending_files")" "$(count "$pending_time")"
}

status_json()
{
    is_serving=false
    if [ "$mode" = files ] || serves_current; then is_serving=true; fi
    role=receiver
    ! is_publisher || role=publisher
    printf '{"ok":true,"written":%s,"server":%s,"mode":"%s","role":"%s","directory":%s,"source":%s,"serving":%s,' \
        "$(date +%s)" "$(string "$name")" "$mode" $role "$(string "$directory")" "$(string "$source")" $is_serving
    printf '"version":%s,"pending":%s,"peers":[' "$(version_json)" "$(pending_json)"
    comma=
    for peer in $peers; do
        printf '%s%s' "$comma" "$(peer_json "$peer")"
        comma=,
    done
    printf '],"conflicts":['
    comma=
    for file in "$state"/conflicts/*; do
        case $file in *'*' | *.new) continue ;; esac
        printf '%s%s' "$comma" "$(conflict_json "$file")"
        comma=,
    done
    printf '],"error":%s}\n' "$(text "$(field "$state/error" error)")"
}

write_status()
{
    # two programs may write it at the same time: each its own file, the last one stays
    status_json >"$state/status.json.$$" && chmod 644 "$state/status.json.$$" &&
        mv -f "$state/status.json.$$" "$state/status.json"
}

# ask_peer NAME: what it has now
ask_peer()
{
    ours=$(current checksum)
    remote "$1" status "${ours:-none}" >"$run/answer.$1" || {
        peer_silent "$1"
        return
    }
    theirs=$(field "$run/answer.$1" checksum)
    if [ "$theirs" = "$ours" ]; then
        ask_state=same
        [ "$(field "$state/conflicts/$1" kind)" != diverged ] || no_conflict "$1"
    elif [ -z "$theirs" ] || knows "$theirs"; then
        ask_state=behind
    elif [ -z "$ours" ] || [ -n "$(field "$run/answer.$1" knows)" ]; then
        ask_state=ahead
    else
        ask_state=conflict
    fi
    [ -z "$(field "$run/answer.$1" conflict)" ] || ask_state=conflict
    peer_is "$1" "$ask_state" "$(field "$run/answer.$1" sequence)" "${theirs:--}" "$(field "$run/answer.$1" published)"
}

ask_peers()
{
    for peer in $peers; do
        [ "$mode" = files ] || ask_peer "$peer"
    done
}

for_people()
{
    if [ -f "$state/current" ]; then
        echo "$name: version $(current sequence), published by $(current publisher) $(moment "$(current published)")"
        serves_current || echo "  NOT mounted on $directory"
    elif [ "$mode" = image ]; then
        echo "$name: no version yet"
    fi
    if is_publisher; then
        people_age=
        [ -z "$pending_time" ] || people_age=", the oldest change is $(($(date +%s) - pending_time)) s old"
        echo "  not published yet: ${pending_files:-unknown} files$people_age"
    fi
    for peer in $peers; do
        peer_json "$peer" >"$run/text"
        echo "$peer: ${peer_state:-unknown}, version $(field "$state/peers/$peer" sequence)," \
            "$peer_lag s behind $(field "$state/peers/$peer" error)"
    done
    for file in "$state"/conflicts/*; do
        case $file in *'*' | *.new) continue ;; esac
        echo "CONFLICT with ${file##*/}: $(field "$file" text). To resolve it: $(field "$file" resolve)"
    done
    [ ! -f "$state/error" ] || echo "last error: $(field "$state/error" error)"
}

# show_status [--json]: exit status 0: the same everywhere; 1: a server is behind or silent; 2: a conflict
show_status()
{
    [ -d "$state/peers" ] || fail 73 "has-nfs-publish init was not run here"
    mkdir -p "$run"
    ask_peers
    if is_publisher && [ "$mode" = image ] && serves_current && compare_source "$directory"; then
        echo "files $changed_files" | note_file "$state/pending"
    fi
    write_status
    pending_json >"$run/text"
    if [ -n "${1:-}" ]; then cat "$state/status.json"; else for_people; fi
    show_result=0
    for peer in $peers; do
        case $(field "$state/peers/$peer" state) in same) ;; *) show_result=1 ;; esac
    done
    [ -z "$pending_time" ] || [ "$pending_files" = 0 ] || show_result=1
    [ "$mode" = files ] || serves_current || show_result=1
    for file in "$state"/conflicts/*; do
        [ ! -f "$file" ] || show_result=2
    done
    return $show_result
}
