# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# The service. inotifywait is started anew for each round and ends at the first change, so that there is no queue to
# overflow and no state to lose: first it watches, then the whole directory is compared and published, and what changes
# from then on ends it, also what changes during the comparison. New directories are watched in the next round.

events=modify,attrib,move,create,delete,delete_self,move_self

watch()
{
    make_directories
    watcher='' writer=''
    trap 'end_watch' TERM INT HUP
    switch_now || warn "going on without"
    if ! is_publisher; then
        while :; do
            ask_peers
            write_status
            pause "$compare"
        done
    fi
    rm -f "$run/noticed"
    keep_writing &
    writer=$!
    watch_wait=$compare
    while :; do
        watch_round
    done
}

end_watch()
{
    # shellcheck disable=SC2086 # none or one each
    [ -z "$watcher$writer" ] || kill $watcher $writer 2>/dev/null
    exit 0
}

# A shell waits for a child only when a signal is to be heard meanwhile.
pause()
{
    sleep "$1" &
    watcher=$!
    wait $watcher
    watcher=
}

# The status file is fresh also while nothing happens.
keep_writing()
{
    trap - TERM INT HUP
    while sleep "$retry"; do
        write_status
    done
}

watch_round()
{
    start_watching
    "$0" -c "$configuration" publish
    watch_result=$?
    if [ $watch_result -ne 0 ] && [ "$watch_wait" != "$retry" ]; then
        # try again soon: the watch begins anew with that time, and compares before it waits
        watch_wait=$retry
        stop_watching
        return
    fi
    [ $watch_result -ne 0 ] || watch_wait=$compare
    rm -f "$run/noticed"
    wait "$watcher"
    case $? in
    0)
        watcher=
        : >"$run/noticed"
        settle_down
        ;;
    2) watcher='' ;; # nothing for so long: all is compared
    *)
        watcher=
        remember_error "inotifywait: $(tail -n 1 "$run/watch"); $source is compared each $retry s"
        pause "$retry"
        ;;
    esac
}

# Returns when all is watched, or nothing can be.
start_watching()
{
    rm -f "$run/established"
    mkfifo "$run/established" || fail 73 "cannot write in $run"
    inotifywait -r -t "$watch_wait" -e $events "$source" >/dev/null 2>"$run/established" &
    watcher=$!
    exec 8<"$run/established"
    while IFS= read -r watch_line <&8; do
        echo "$watch_line" >"$run/watch"
        [ "$watch_line" != "Watches established." ] || break
    done
}

stop_watching()
{
    kill "$watcher" 2>/dev/null
    wait "$watcher"
    watcher=
}

# Until nothing changes for a while, but not for ever.
settle_down()
{
    [ "$settle" -gt 0 ] || return 0
    settle_end=$(($(date +%s) + longest))
    while [ "$(date +%s)" -lt "$settle_end" ]; do
        inotifywait -q -q -r -t "$settle" -e $events "$source" &
        watcher=$!
        wait "$watcher"
        settle_status=$?
        watcher=
        [ $settle_status -eq 0 ] || return 0
    done
}
