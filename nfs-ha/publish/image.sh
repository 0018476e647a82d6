# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # the parts use each other's variables
# Making a version: a copy of the current image, into which rsync brings what changed in the source directory, in place.
# Files keep inode and generation that way, and with them their handles. An image that mke2fs filled would have files of
# generation 0, with which a stale handle means another file silently.

checksum()
{
    b2sum -l 256 <"$1" | cut -d ' ' -f 1
}

# attached IMAGE: whether the kernel still holds it, for whomever
attached()
{
    [ -n "$(losetup -n -O NAME -j "$1")" ]
}

# Bytes on the disk, where holes take none.
allocated()
{
    [ -e "$1" ] && stat -c '%b %B' "$1" | awk '{ print $1 * $2 }' || echo 0
}

available()
{
    df --output=avail -B1 "$state" | tail -n 1 | tr -d ' '
}

# room BYTES: an image that met a full disk below would be damaged silently
room()
{
    room_needed=$(($1 + 33554432)) room_available=$(available)
    [ "$room_available" -ge "$room_needed" ]
}

# Prints the name of an image that may be written, best one that is there, whose blocks are much like the next ones;
# the others that nobody needs are removed.
free_slot()
{
    slot_found=
    for slot_number in 1 2 3 4 5 6 7 8 9; do
        slot_name=image.$slot_number
        [ "$slot_name" != "$(current slot)" ] || continue
        if [ ! -e "$state/$slot_name" ]; then
            slot_new=${slot_new:-$slot_name}
        elif ! attached "$state/$slot_name"; then
            if [ -z "$slot_found" ]; then
                slot_found=$slot_name
            else
                rm -f "$state/$slot_name"
            fi
        fi
    done
    echo "${slot_found:-${slot_new:-image.10}}"
}

# Whether the image of the current version is what was published. Read as a whole only if somebody wrote to it.
unchanged()
{
    [ -f "$state/current" ] || return 0
    unchanged_image=$state/$(current slot)
    [ "$(stamp "$unchanged_image")" != "$(current stamp)" ] || return 0
    [ -e "$unchanged_image" ] && [ "$(checksum "$unchanged_image")" = "$(current checksum)" ] || return 1
    # touched, but the same
    sed "s/^stamp .*/stamp $(stamp "$unchanged_image")/" "$state/current" | replace_file "$state/current"
}

# modify-window: times are compared to the nanosecond; a file may change twice in a second.
bring()
{
    rsync -aHAX --numeric-ids --modify-window=-1 --inplace --delete-before --filter='H /lost+found' "$@"
}

# compare_source DIRECTORY [--full]: counts changes and changed_files, and the changed_bytes to copy
compare_source()
{
    bring -n --out-format=%i --stats ${2:+--checksum} "$source/" "$1/" >"$run/differences" 2>"$run/messages"
    case $? in 0 | 24) ;; *)
        remember_error "comparing $source: $(tail -n 2 "$run/messages" | head -n 1)"
        return 1 ;;
    esac
    changes=$(grep -c '^[<>ch.][fdLDS].\{9\}$\|^\*deleting' "$run/differences")
    changed_files=$(grep -c '^[<>ch.][fLDS].\{9\}$\|^\*deleting' "$run/differences")
    changed_bytes=$(sed -n 's/^Total transferred file size: \([0-9,]*\).*/\1/p' "$run/differences" | tr -d ,)
}

# Names that shared a file and do not any more: rsync, which writes in place, would write one's content to the other.
part_links()
{
    [ -n "$(find "$1" -type f -links +1 -print -quit)" ] || return 0
    {
        (cd "$source" && find . -type f -printf 'source %D:%i %p\0') &&
            (cd "$1" && find . -type f -links +1 -printf 'image %i %p\0' | sort -z)
    } | tr '\n\0' '\001\n' | awk '
        { name = substr($0, length($1) + length($2) + 3) }
        $1 == "source" { source[name] = $2; next }
        !(name in source) { print name; next }
        !($2 in first) { first[$2] = source[name] }
        first[$2] != source[name] { print name }' |
        tr '\n\001' '\0\n' | (cd "$1" && xargs -0 -r rm -f --)
}

# grow IMAGE: by a quarter, or to what the source needs. Inodes keep their numbers.
grow()
{
    grow_size=$(($(stat -c %s "$1") * 5 / 4194304 + 1))
    grow_needed=$(($(du -sm "$source" | cut -f 1) * 5 / 4))
    [ "$grow_size" -ge "$grow_needed" ] || grow_size=$grow_needed
    if ! room $((grow_size * 1048576 - $(stat -c %s "$1"))); then
        remember_error "the image is full, and $state has no room to let it grow to $grow_size MB"
        return 1
    fi
    # -f: without e2fsck, which wants to make a lost+found and has no room. It was unmounted cleanly.
    if { truncate -s "${grow_size}M" "$1" && resize2fs -f "$1"; } >"$run/growth" 2>&1; then
        warn "the image grows to $grow_size MB"
    else
        remember_error "letting the image grow: $(tail -n 1 "$run/growth")"
        return 1
    fi
}

abandon_work()
{
    for abandon_directory in "$run/work" "$run/stage"; do
        ! mountpoint -q "$abandon_directory" || umount "$abandon_directory" || return
    done
    rm -f "$state/next"
}

# fill IMAGE [--full]: brings it to the source's content and leaves it unmounted
fill()
{
    mkdir -p "$run/work"
    while :; do
        mount -t ext4 -o loop,rw,noatime,nodev,nosuid,discard,noinit_itable "$1" "$run/work" 2>"$run/messages" || {
            remember_error "mounting the new image: $(tail -n 1 "$run/messages")"
            return 1
        }
        step work-mounted
        part_links "$run/work" && bring ${2:+--checksum} "$source/" "$run/work"/ >"$run/messages" 2>&1
        fill_status=$?
        # what could not be written shows here at the latest
        sync -f "$run/work" || fill_status=5
        step work-filled
        umount "$run/work" || return
        case $fill_status in 0 | 24) return 0 ;; esac
        if ! grep -q 'No space left on device' "$run/messages"; then
            remember_error "rsync of $source, status $fill_status: $(head -n 1 "$run/messages")"
            return 1
        fi
        grow "$1" || return
    done
}

# first_image IMAGE
first_image()
{
    first_size=$(($(du -sm "$source" | cut -f 1) * 5 / 4))
    [ "$first_size" -ge "$size" ] || first_size=$size
    room $((first_size * 65536)) && rm -f "$1" && truncate -s "${first_size}M" "$1" &&
        mke2fs -q -F -t ext4 -b 4096 -i 8192 -m 0 -O ^has_journal -E lazy_itable_init=0,root_owner=0:0 \
            -L has-content "$1"
}

# make_version [--full]: writes the record "next"
make_version()
{
    make_taken=$(date +%s)
    make_slot=$(free_slot)
    make_image=$state/$make_slot
    make_from=$state/$(current slot)
    if [ -f "$state/current" ]; then
        if ! room $(($(allocated "$make_from") - $(allocated "$make_image") + changed_bytes)); then
            remember_error "no room in $state: $room_needed bytes are needed, $room_available are free"
            return 1
        fi
        cp --reflink=auto --sparse=always "$make_from" "$make_image" || return
    else
        first_image "$make_image" || return
    fi
    step copied
    fill "$make_image" "${1:-}" || return
    sync "$make_image" || return
    step filled
    make_sequence=$(current sequence)
    make_parent=$(current checksum)
    write_version "$state/next" $((${make_sequence:-0} + 1)) "$(checksum "$make_image")" "${make_parent:-none}" \
        "$name" "$(date +%s)" "$make_slot" || return
    step next
}

initialise()
{
    { make_directories && mkdir -p "$directory"; } || fail 73 "cannot make $state or $directory"
    ! is_publisher || [ -d "$source" ] || fail 66 "source: there is no directory $source"
    [ "$mode" = image ] || {
        write_status
        return
    }
    if [ -f "$state/current" ] || ! is_publisher; then
        switch_now
    else
        publish
    fi
}
