# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# The service: each change, those that nothing watched, and peers that were away.

start_watch()
{
    HAS_PUBLISH_SSH="$work/ssh m1" "$program" -c "$work/m1.conf" watch >"$work/watch.out" 2>&1 &
    watch_pid=$!
}

stop_watch()
{
    kill "$watch_pid"
    wait "$watch_pid"
}

begin
source=$work/m1/source
echo missed >"$source/missed"
start_watch
check "what changed while nothing watched is published" until_true serves m2 "$source"
echo seen >"$source/seen"
check "and what changes from then on" until_true serves m2 "$source"
mkdir -p "$source/new/deep/er"
echo below >"$source/new/deep/er/file"
check "in new directories, too" until_true serves m2 "$source"
echo more >>"$source/new/deep/er/file"
check "which are watched" until_true serves m2 "$source"
mv "$source/new" "$source/moved"
rm "$source/seen"
check "moved and removed" until_true serves m2 "$source"
touch "$work/down.m2"
echo away >"$source/away"
check "while the peer is away" until_true serves m1 "$source"
check "it is told" until_true json_is m1 "s['peers'][0]['state']" unreachable
rm "$work/down.m2"
check "and it gets it when it is back" until_true serves m2 "$source"
check "the status is fresh" until_true json_is m1 "[s['peers'][0]['state'], s['pending']['files']]" "['same', 0]"
check "it ends at SIGTERM" stop_watch
check "and leaves no process behind" until_true sh -c "! pgrep -f 'inotifywait.* $source\$'"
check "and what is served" both_serve
