# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# Mode files.

unmount_all
rm -rf "$work/m1" "$work/m2"
configure m1 m2
configure m2 m1
sed -i 's/^mode .*/mode files/; s|^directory .*/m1/content|directory '"$work/m1/source"'|' "$work/m1.conf" "$work/m2.conf"
echo "source $work/m1/source" >>"$work/m1.conf"
source=$work/m1/source
copy=$work/m2/content

alike()
{
    rsync -naHAXi --delete --checksum --numeric-ids "$@" "$source/" "$copy/" >"$work/alike"
    [ ! -s "$work/alike" ] || {
        cat "$work/alike"
        return 1
    }
}

mkdir "$source/d"
for file in one two d/three 'star*' 'back\slash' 'both\*' '[x]' 'x'; do
    echo "$file" >"$source/$file"
done
ln "$source/one" "$source/link"
echo foreign >"$copy/x"
echo theirs >"$copy/theirs"
on m2 init
on m1 init
check "what was there before the first publication is left alone" returns 75 on m1 publish
check "all else is published" alike --exclude=/x --exclude=/theirs
check "which is told" json_is m1 "[(c['server'], c['kind'], 'theirs' in c['text']) for c in s['conflicts']]" \
    "[('m2', 'files', True)]"
check "on the receiver, too" json_is m2 "[c['kind'] for c in s['conflicts']]" "['files']"
check "resolve --take m1" on m1 resolve --take m1
check "makes them alike" alike
check "without a conflict" json_is m1 "[len(s['conflicts']), s['peers'][0]['state']]" "[0, 'same']"
echo changed >>"$source/one"
rm "$source/two"
check "a change" on m1 publish
check "is published" alike

echo 'changed there' >"$copy/both\\*"
echo 'changed there' >"$copy/back\\slash"
rm "$copy/star*"
echo new >"$copy/d/new"
echo 'changed here' | tee "$source/both\\*" "$source/star*" "$source/back\\slash" "$source/[x]" >/dev/null
check "changed on both sides" returns 75 on m1 publish
check "the receiver's files are as they were" grep -q there "$copy/both\\*"
check "with any name" grep -q there "$copy/back\\slash"
check "what it removed stays removed" test ! -e "$copy/star*"
check "what it made stays" test -e "$copy/d/new"
check "and all else is published" grep -q here "$copy/[x]"
check "four conflicts" json_is m1 "s['peers'][0]['differences']" 4
cp -p "$copy/d/new" "$source/d/new"
check "what was copied into the source" returns 75 on m1 publish
check "is no conflict any more" json_is m1 "s['peers'][0]['differences']" 3
echo 'changed again' >"$copy/both\\*"
check "a decision" returns 75 on m1 resolve --take m1
check "counts for what was seen" test -e "$copy/star*"
check "and for nothing later" grep -q again "$copy/both\\*"
on m1 publish
check "the next one" on m1 resolve --take m1
check "makes them alike again" alike
touch "$work/down.m2"
echo away >"$source/away"
check "a peer that is away" returns 75 on m1 publish
check "is told" json_is m1 "s['peers'][0]['state']" unreachable
rm "$work/down.m2"
check "and gets it later" on m1 publish
check "all" alike
check "no reading" returns 77 asked m1 m2 rsync --server --sender -logDtpre.iLsfxCIvu . files
check "no other directory" returns 77 asked m1 m2 rsync --server -logDtpre.iLsfxCIvu . /etc
check "no other options" returns 77 asked m1 m2 rsync --server -logDtpre.iLsfxCIvu --log-file=x . files
