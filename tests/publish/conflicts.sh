# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# Nothing is overwritten silently.

# Both publish while they do not see each other.
diverge()
{
    begin
    cp -a "$work/m1/source/." "$work/m2/source/"
    echo "source $work/m2/source" >>"$work/m2.conf"
    touch "$work/down.m1" "$work/down.m2"
    echo first >"$work/m1/source/from-m1"
    echo second >"$work/m2/source/from-m2"
    # m2's source follows the version that m1 published
    printf 'checksum %s\ntaken %s\n' "$(value m2 current checksum)" "$(date +%s)" >"$work/m2/state/source"
    on m1 publish
    on m2 publish
    rm "$work/down.m1" "$work/down.m2"
}

each_its_own()
{
    serves m1 "$work/m1/source" && serves m2 "$work/m2/source"
}

diverge
check "a version that does not follow is refused" returns 75 on m1 publish
check "each keeps its own" each_its_own
check "m1 tells it" json_is m1 "[(c['server'], c['kind']) for c in s['conflicts']]" "[('m2', 'diverged')]"
check "with the command" json_is m1 "'has-nfs-publish resolve --take m1' in s['conflicts'][0]['resolve']" True
check "m2 tells it" json_is m2 "[(c['server'], c['kind']) for c in s['conflicts']]" "[('m1', 'diverged')]"
check "status ends with 2" returns 2 on m1 status
check "and on m2" returns 2 on m2 status
touch -r "$work/m1/source" "$work/time"
echo more >"$work/m1/source/more"
check "nothing is published on top of it" returns 1 on m1 publish
check "also by m2" returns 75 on m2 publish
rm "$work/m1/source/more"
touch -r "$work/time" "$work/m1/source"
check "still each its own" each_its_own
check "resolve --take m1, on m1" on m1 resolve --take m1
check "both serve m1's" serves m2 "$work/m1/source"
check "m1 has no conflict" returns 0 on m1 status
check "m2's source is not published over it" returns 1 on m2 publish
check "which is told" json_is m2 "[c['kind'] for c in s['conflicts']]" "['source']"
check "adopt" on m2 adopt
check "brings it into the source" serves m2 "$work/m2/source"
check "and keeps what was there" test -n "$(find "$work/m2/state/replaced" -name from-m2)"
check "then m2 may publish" on m2 publish
echo again >"$work/m2/source/again"
check "what follows" on m2 publish
check "to m1" serves m1 "$work/m2/source"
check "whose own source is now behind, and protected" returns 1 on m1 publish
check "resolve --take m1 publishes it all the same" on m1 resolve --take m1
check "with the next publication" on m1 publish
check "on both" both_serve

diverge
on m1 publish
check "resolve --take m2, on m1" on m1 resolve --take m2
check "both serve m2's" serves m1 "$work/m2/source"
check "m1's source is as it was" test -e "$work/m1/source/from-m1"
check "and is not published" returns 1 on m1 publish
check "m2 goes on" on m2 publish

diverge
on m1 publish
check "resolve --take m1, on m2" on m2 resolve --take m1
check "m2 serves m1's" serves m2 "$work/m1/source"

diverge
on m1 publish
echo third >"$work/m2/source/third" # after the administrator looked
rm "$work/m2/state/conflicts/m1"
touch "$work/down.m1"
on m2 publish
rm "$work/down.m1"
check "a decision about another version does not count" returns 75 on m1 resolve --take m1
check "m2 keeps what it has" serves m2 "$work/m2/source"

# somebody writes to the image of the receiver
begin
unmount_all
sleep 1
printf 'x' | dd of="$work/m2/state/$(value m2 current slot)" bs=1 seek=9000000 conv=notrunc 2>/dev/null
check "a changed image is not mounted" returns 1 on m2 switch
check "which is told" json_is m2 "s['conflicts'][0]['kind']" changed
echo two >"$work/m1/source/two"
check "nor replaced" returns 75 on m1 publish
check "m1 tells it" json_is m1 "s['conflicts'][0]['kind']" changed
check "until it is resolved" on m1 resolve --take m1
check "both serve" both_serve
check "without a conflict" returns 0 on m2 status
