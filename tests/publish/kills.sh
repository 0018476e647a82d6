# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # publish_live.sh assigns them
# The power fails after each step, on either server: what is served then is a complete version, the old or the new one,
# and publishing again ends with the new one on both.

begin
source=$work/m1/source
cp -a "$source" "$work/old"

# Of the old version or the new, whole.
whole()
{
    serves "$1" "$work/old" || serves "$1" "$source"
}

# The machines come back: nothing is mounted, then what systemd starts first.
come_back()
{
    unmount_all
    rm -rf "$(run_of m1)" "$(run_of m2)"
    on m1 switch
    on m2 switch
}

# All that there are, each on the server where it comes to pass.
steps=$(sed -n 's/^ *step \([a-z-]*\)$/\1/p' "$top"/nfs-ha/publish/*.sh | sort -u)
number=0
for server in m1 m2; do
    for step in $steps; do
        case $server:$step in
        m1:incoming | m1:received | m1:checked) continue ;;
        m2:work-* | m2:copied | m2:filled | m2:next | m2:source | m2:offered | m2:prepared | m2:committed) continue ;;
        esac
        number=$((number + 1))
        rm -rf "$work/old"
        cp -a "$source" "$work/old"
        echo "$number" >>"$source/number"
        head -c 300000 /dev/urandom >"$source/blob"
        sleep 0.01
        if [ $server = m1 ]; then
            HAS_PUBLISH_KILL_AFTER=$step on m1 publish
        else
            echo "$step" >"$work/kill.m2"
            on m1 publish
            rm "$work/kill.m2"
        fi 2>/dev/null
        for other in m1 m2; do
            check "$server dies after \"$step\": $other serves one whole version" whole $other
        done
        come_back
        for other in m1 m2; do
            check "$server is back after \"$step\": $other serves one whole version" whole $other
        done
        check "and publishing goes on" on m1 publish
        check "to the end" both_serve
    done
done
check "no image is left over" test "$(find "$work/m1/state" "$work/m2/state" -name 'image.*' | wc -l)" -le 4
check "no conflict came of it" returns 0 on m1 status
