# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# Peers that are away, disks that are full, and peers that ask for what they must not have.

begin
touch "$work/down.m2"
for number in 1 2 3; do
    echo $number >"$work/m1/source/number"
    on m1 publish
done
check "a peer that is away does not hinder" returns 75 on m1 publish
check "and is told" json_is m1 "[(p['state'], p['differences'], p['lag_s'] < 600) for p in s['peers']]" \
    "[('unreachable', 3, True)]"
check "with ssh's words" json_is m1 "'No route' in s['peers'][0]['error']" True
rm "$work/down.m2"
check "when it is back" on m1 publish
check "it gets all" both_serve
check "and follows m1's history" cmp "$work/m1/state/history" "$work/m2/state/history"

# a full disk
begin
on m1 status
unmount_all
cp -a "$work/m2/state" "$work/kept"
mount -t tmpfs -o size=40M tmpfs "$work/m2/state" && cp -a "$work/kept/." "$work/m2/state/"
on m2 switch && on m1 switch
head -c 10000000 /dev/urandom >"$work/m1/source/ten"
cp "$work/m1/state/$(value m1 current slot)" "$work/old.image"
check "a peer without room" returns 75 on m1 publish
check "says so" json_is m1 "'bytes free' in s['peers'][0]['error']" True
check "and keeps what it has" cmp "$work/old.image" "$work/m2/state/$(value m2 current slot)"
check "which it serves" json_is m2 "s['serving']" True
mount -o remount,size=200M "$work/m2/state"
check "with room it gets it" on m1 publish
check "all" both_serve
unmount_all
umount "$work/m2/state"
rm -rf "$work/kept"

# what a key is good for
begin
: >"$work/m1/secret"
check "no shell" returns 77 asked m1 m2 sh
check "nothing behind a command" returns 77 asked m1 m2 'status x; touch /tmp/x'
# shellcheck disable=SC2016 # nobody shall expand it
check "no command in a command" returns 77 asked m1 m2 'status $(id)'
check "no other program" returns 77 asked m1 m2 scp -t /etc
check "no reading" returns 77 asked m1 m2 rsync --server --sender -e.LsfxCIvu . image
check "no other file" returns 77 asked m1 m2 rsync --server -ISe.LsfxCIvu --inplace . /etc/passwd
check "no other options" returns 77 asked m1 m2 rsync --server -ISe.LsfxCIvu --log-file=x . image
check "no arguments on stdin" returns 77 asked m1 m2 rsync --server -Isre.LsfxCIvu . image
check "no daemon" returns 77 asked m1 m2 rsync --server --daemon . image
check "no image that was not offered" returns 75 asked m1 m2 rsync --server -ISe.LsfxCIvu --inplace . image
check "no foreign peer" returns 77 asked m9 m2 status none
check "no empty command" returns 77 asked m1 m2
check "a version is no path" returns 77 asked m1 m2 offer 9 ../../x none m1 1 1 1
check "nor is a number" returns 65 asked m1 m2 offer 9z abc none m1 1 1 1
not_prepared()
{
    asked m1 m2 commit abc | grep -q 'not prepared'
}
check "what was not sent is not taken" not_prepared
check "both serve what they had" both_serve

# a foreign file system on the directory
begin
unmount_all
mount -t tmpfs foreign "$work/m2/content"
check "a foreign file system is not unmounted" returns 1 on m2 switch
check "which is told" json_is m2 "'none of ours' in s['error']" True
umount "$work/m2/content"

# publish.conf
for line in "directory relative" "peer only" "peer m2 -oProxyCommand=x" "batch 10 1" "nonsense 1" "mode x" "size x" \
    "name ../x" "retry"; do
    { cat "$work/m1.conf" && echo "$line"; } >"$work/bad.conf"
    check "publish.conf with \"$line\"" returns 78 "$program" -c "$work/bad.conf" status
done
