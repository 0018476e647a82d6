# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # run.sh assigns them
# What ocf:has:erd does besides starting a daemon; a part of run.sh, whose functions and variables it uses.

# What was told to the cluster since the last time: one line each, without the options that are always there.
told() { # description, expected
    [ "$(cat "$work/bin/attributes" 2>/dev/null)" = "$2" ]
    ok "$1" $?
    sed 's/^/# /' "$work/bin/attributes" 2>/dev/null
    rm -f "$work/bin/attributes"
}

# The node attribute is written when the number of working ports changes, and then only.
erd_attribute() {
    # shellcheck disable=SC2086
    {
        echo good >"$work/erd.conf"
        rm -f "$work/bin/attributes"
        run erd start $environment
        told "erd: start tells how many ports work" "-n has-ports -U 2 -d 5s -q"
        gives "erd: monitor" 0 erd monitor $environment
        told "erd: which tells nothing as nothing has changed" ""
        echo 1 >"$work/bin/working"
        gives "erd: monitor of a degraded node" 0 erd monitor $environment
        told "erd: which tells it" "-n has-ports -U 1 -d 5s -q"
        echo 2 >"$work/bin/working"
        touch "$work/bin/deaf"
        gives "erd: monitor when the cluster does not listen" 0 erd monitor $environment
        rm "$work/bin/deaf" "$work/bin/attributes"
        gives "erd: monitor when it does again" 0 erd monitor $environment
        told "erd: which tells what was not heard" "-n has-ports -U 2 -d 5s -q"
        gives "erd: a probe" 0 erd monitor $environment OCF_RESKEY_CRM_meta_interval=0
        gives "erd: and the monitor after it" 0 erd monitor $environment
        told "erd: which tells it to a Pacemaker that is new" "-n has-ports -U 2 -d 5s -q"
        gives "erd: monitor with an attribute of another name" 0 erd monitor $environment OCF_RESKEY_attribute=ports \
            OCF_RESKEY_dampen=0 OCF_RESOURCE_INSTANCE=other
        told "erd: which is told" "-n ports -U 2 -d 0 -q"
        gives "erd: monitor without Pacemaker's tool" 0 erd monitor $environment HAS_ATTRD_UPDATER=/nonexistent
        touch "$work/bin/silent"
        gives "erd: monitor when its loop does not turn" 1 erd monitor $environment
        rm "$work/bin/silent"
        gives "erd: stop" 0 erd stop $environment
        told "erd: which takes the attribute away" "-n has-ports -D -q"
        run erd start $environment
        told "erd: start after stop tells it anew" "-n has-ports -U 2 -d 5s -q"
        run erd stop $environment
    }
}

# A process that was killed may be a zombie of this script for a moment.
erd_is_gone() {
    ! read -r line <"/proc/$1/stat" || [ "${line#*) Z }" != "$line" ]
} 2>/dev/null

# Where systemd runs erd, the agent starts it by systemd and lets it go on.
erd_systemd() {
    cp "$source_directory/tests/agents/fake-systemctl" "$work/bin/systemctl"
    chmod 755 "$work/bin/systemctl"
    path="PATH=$work/bin:/usr/sbin:/usr/bin:/sbin:/bin HAS_CGROUP=$work/proc HAS_SYSTEMD=$work"
    # shellcheck disable=SC2086
    {
        gives "erd: start where erd.service is enabled" 0 erd start $environment $path
        grep -q '^start erd.service$' "$work/bin/systemctl.log"
        ok "erd: which systemd did" $?
        read -r pid <"$work/erd.pid"
        mkdir -p "$work/proc/$pid"
        printf '1:name=systemd:/system.slice/erd.service\n0::/system.slice/erd.service\n' >"$work/proc/$pid/cgroup"
        gives "erd: stop where systemd runs it" 0 erd stop $environment $path
        [ -d "/proc/$pid" ]
        ok "erd: which goes on" $?
        gives "erd: start then finds it" 0 erd start $environment $path
        touch "$work/bin/silent"
        gives "erd: stop of one that hangs" 0 erd stop $environment $path
        rm "$work/bin/silent"
        tries=100 # a process that is killed ends when it gets the processor
        until erd_is_gone "$pid" || [ "$tries" -eq 0 ]; do
            tries=$((tries - 1))
            sleep 0.05
        done
        erd_is_gone "$pid"
        ok "erd: which is killed, for systemd to start it again" $?
        run erd start $environment $path
        read -r pid <"$work/erd.pid"
        mkdir -p "$work/proc/$pid"
        echo bad >"$work/erd.conf"
        echo 0::/system.slice/pacemaker.service >"$work/proc/$pid/cgroup"
        gives "erd: stop where Pacemaker runs it" 0 erd stop $environment $path
        gives "erd: monitor after that" 7 erd monitor $environment $path
        gives "erd: start when systemd cannot" 1 erd start $environment $path
        says "erd: and says so" "ocf-exit-reason:systemd did not start erd.service: Job for erd.service failed"
    }
}

erd_actions() {
    environment=$(daemon_environment erd)
    erd_attribute
    echo good >"$work/erd.conf"
    erd_systemd
}
