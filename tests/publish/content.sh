# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# What is in a version, and what becomes of handles.

begin
source=$work/m1/source
check "the first version is on both servers" both_serve

handle m1 one >"$work/before"
mkdir -p "$source/a/b" "$source/$(printf 'new\nline \\ "quoted" *?[x] \001 \377')"
echo text >"$source/$(printf ' lead\ttab\n')x"
echo dash >"$source/-rf"
ln -s ../one "$source/a/link"
ln -s nowhere "$source/a/broken"
mkfifo "$source/a/fifo"
echo hard >"$source/h1"
ln "$source/h1" "$source/h2"
ln "$source/h1" "$source/a/h3"
echo owned >"$source/owned"
chown 1234:4321 "$source/owned"
chmod 4750 "$source/owned"
touch -d 2001-02-03 "$source/a/b"
truncate -s 3M "$source/sparse"
check "odd names, links, owners, a sparse file: published" on m1 publish
check "and alike on both servers" both_serve
handle m1 one >"$work/m1.handle"
handle m2 one >"$work/m2.handle"
check "which is the same on both" cmp "$work/m1.handle" "$work/m2.handle"
check "as before" cmp "$work/before" "$work/m1.handle"

echo changed >>"$source/one"
rm "$source/h2" # the names share a file no more, and rsync writes in place
echo other >"$source/h2"
rm -r "$source/a/b" "$source/-rf"
handle m1 h1 >"$work/h1.before"
check "changed, removed, parted: published" on m1 publish
check "alike on both servers" both_serve
handle m2 one >"$work/m2.handle"
check "a changed file keeps its handle, too" cmp "$work/before" "$work/m2.handle"
handle m2 h1 >"$work/h1.after"
check "and the first of the parted names" cmp "$work/h1.before" "$work/h1.after"

rm "$source/a/h3"
cp -p "$source/h1" "$source/a/h3" # parted, but equal for now
check "parted names that are equal" on m1 publish
echo hard and more >"$source/h1"
check "and then differ" on m1 publish
check "are right on both" both_serve
ln -f "$source/one" "$source/h2"
check "files that become links of each other" on m1 publish
check "are links on both" both_serve

check "nothing changed: no new version" on m1 publish
check "the status is right" json_is m1 "[s['version']['sequence'], s['peers'][0]['state'], s['pending']['files'], s['serving']]" \
    "[6, 'same', 0, True]"
check "status ends with 0" returns 0 on m1 status
check "on the receiver, too" returns 0 on m2 status
echo x >"$source/unpublished"
check "with 1 when something is not published" returns 1 on m1 status --json
check "and tells it" json_is m1 "[s['pending']['files'], s['written'] - s['pending']['since'] < 60]" "[1, True]"
printf 'owned' >"$work/x" && touch -r "$source/owned" "$work/x"
printf 'OWNED\n' >"$source/owned" && touch -r "$work/x" "$source/owned"
check "a change that size and time hide, with --full" on m1 publish --full
check "is published" both_serve

# the image grows
handle m1 one >"$work/before"
head -c 20000000 /dev/urandom >"$source/large"
check "more than the image holds" on m1 publish
check "it has grown on both" both_serve
handle m2 one >"$work/after"
check "and the handles are what they were" cmp "$work/before" "$work/after"
(mkdir "$source/many" && cd "$source/many" && seq 1 5000 | xargs touch)
check "more files than it has inodes" on m1 publish
check "are on both" both_serve
check "no image is left over" test "$(find "$work/m1/state" "$work/m2/state" -name 'image.*' | wc -l)" -le 4

mv "$source" "$source.away"
mkdir "$source"
check "an empty source is not published" returns 1 on m1 publish
check "and told" json_is m1 "'is empty' in s['error']" True
rmdir "$source"
check "nor one that is missing" returns 66 on m1 publish
mv "$source.away" "$source"
check "both serve what they had" both_serve
check "and publishing goes on" on m1 publish
