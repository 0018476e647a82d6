#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The OCF agents without a cluster: schemas, shellcheck, ocf-tester, and each action in a clean environment.
# Runs in the build directory. Needs root for the actions (else skipped, 77); realserver works in a network namespace
# of its own. TAP on standard output.
set -u

source_directory=$(cd "${srcdir:-.}" && pwd)
agents=$(pwd)/agents
hasctl=$(pwd)/daemons/hasctl/hasctl
root=${OCF_ROOT:-/usr/lib/ocf}
count=0
failed=0

ok() { # description, status
    count=$((count + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        failed=$((failed + 1))
    fi
}

skip() { # description, reason
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

# Runs an agent with nothing in the environment but what is given: agent, action, NAME=value…
# (ocf-tester exports more than Pacemaker does and so hides faults.)
run() {
    run_agent=$agents/$1
    run_action=$2
    shift 2
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin OCF_ROOT="$root" OCF_RESOURCE_INSTANCE=test HA_LOGFACILITY=none \
        OCF_RESKEY_CRM_meta_timeout=20000 OCF_RESKEY_CRM_meta_interval=5000 "$@" "$run_agent" "$run_action" >"$work/out" 2>&1
}

gives() { # description, expected status, agent, action, NAME=value…
    gives_what=$1
    gives_status=$2
    shift 2
    run "$@"
    status=$?
    [ "$status" -eq "$gives_status" ]
    ok "$gives_what" $?
    [ "$status" -eq "$gives_status" ] || sed "s/^/# status $status, expected $gives_status: /" "$work/out"
}

says() { # description, pattern
    grep -q "$2" "$work/out"
    ok "$1" $?
}

schemas() {
    for agent in tmd tcd realserver cvip erd nfs-client nfs-copy nfs-mount nfs-server; do
        run "$agent" meta-data
        cp "$work/out" "$work/$agent.xml"
        for rng in /usr/share/resource-agents/metadata.rng /usr/share/pcs/data/ocf-1.1.rng; do
            if [ -f "$rng" ]; then
                xmllint --noout --relaxng "$rng" "$work/$agent.xml" >"$work/out" 2>&1
                ok "$agent: metadata fits ${rng##*/}" $?
            else
                skip "$agent: metadata fits ${rng##*/}" "$rng is not installed"
            fi
        done
        if [ -f /usr/share/resource-agents/ra-api-1.dtd ]; then
            xmllint --noout --dtdvalid /usr/share/resource-agents/ra-api-1.dtd "$work/$agent.xml" >"$work/out" 2>&1
            ok "$agent: metadata fits ra-api-1.dtd" $?
        else
            skip "$agent: metadata fits ra-api-1.dtd" "it is not installed"
        fi
    done
}

style() {
    for file in tmd tcd realserver cvip erd nfs-client nfs-copy nfs-mount nfs-server .has-daemon fenced-alert; do
        if command -v shellcheck >/dev/null; then
            shellcheck -s sh "$agents/$file" >"$work/out" 2>&1
            ok "$file: no note of shellcheck" $?
            sed 's/^/# /' "$work/out"
        else
            skip "$file: no note of shellcheck" "it is not installed"
        fi
        [ "$(wc -l <"$agents/$file")" -lt 350 ]
        ok "$file: below 350 lines" $?
    done
}

# Microseconds that each of 40 runs of a monitor takes.
monitor_time() {
    begin=$(date +%s%N)
    for _ in $(seq 40); do
        run "$@"
    done
    end=$(date +%s%N)
    echo "# $1: a monitor takes $(((end - begin) / 40000)) us"
}

# The daemon behind an agent.
daemon_of() { # agent
    case $1 in
    cvip) echo cvipd ;;
    nfs-client) echo nfshad ;;
    *) echo "$1" ;;
    esac
}

daemon_environment() { # agent
    echo "HAS_HASCTL=$work/bin/hasctl OCF_RESKEY_binary=$work/bin/$(daemon_of "$1") OCF_RESKEY_config=$work/$1.conf" \
        "OCF_RESKEY_pidfile=$work/$1.pid HA_RSCTMP=$work HAS_ATTRD_UPDATER=$work/bin/attrd_updater"
}

not_installed() {
    for daemon in tmd tcd cvip erd nfs-client; do
        nothing="HAS_HASCTL=/nonexistent OCF_RESKEY_binary=/nonexistent OCF_RESKEY_config=/nonexistent
            OCF_RESKEY_pidfile=/nonexistent"
        # shellcheck disable=SC2086
        {
            gives "$daemon: a probe with nothing installed" 7 $daemon monitor $nothing OCF_RESKEY_CRM_meta_interval=0
            gives "$daemon: a monitor with nothing installed" 7 $daemon monitor $nothing
            gives "$daemon: stop with nothing installed" 0 $daemon stop $nothing
            gives "$daemon: start with nothing installed" 5 $daemon start $nothing
            says "$daemon: and says what is missing" "ocf-exit-reason:/nonexistent is not installed on this node"
        }
    done
    realserver="HAS_HASCTL=/nonexistent OCF_RESKEY_ip=10.1.0.100"
    # shellcheck disable=SC2086
    {
        gives "realserver: a probe with nothing installed" 7 realserver monitor $realserver
        gives "realserver: stop with nothing installed" 0 realserver stop $realserver
        gives "realserver: start with nothing installed" 5 realserver start $realserver
    }
}

daemon_actions() { # agent
    environment=$(daemon_environment "$1")
    daemon=$(daemon_of "$1")
    # shellcheck disable=SC2086
    {
        rm -f "$work/$1.conf"
        gives "$1: start without its configuration" 5 "$1" start $environment
        echo bad >"$work/$1.conf"
        gives "$1: start with a bad configuration does not bar the other nodes" 2 "$1" start $environment
        says "$1: and says file and line" "ocf-exit-reason:$daemon did not start: $daemon: $work/$1.conf:1: unknown keyword"
        gives "$1: validate-all with a bad configuration" 2 "$1" validate-all $environment
        echo busy >"$work/$1.conf"
        gives "$1: start when another is there" 1 "$1" start $environment
        case $daemon in
        cvipd | erd | nfshad) says "$1: and says so" "or another $daemon is there" ;;
        *) says "$1: and says so" "another process has the UDP port" ;;
        esac

        echo good >"$work/$1.conf"
        gives "$1: validate-all" 0 "$1" validate-all $environment
        gives "$1: monitor before start" 7 "$1" monitor $environment
        gives "$1: start" 0 "$1" start $environment
        gives "$1: monitor" 0 "$1" monitor $environment
        monitor_time "$1" monitor $environment
        gives "$1: start again" 0 "$1" start $environment
        gives "$1: reload" 0 "$1" reload $environment
        touch "$work/bin/silent"
        gives "$1: monitor when its loop does not turn" 1 "$1" monitor $environment
        says "$1: and says so" "runs but does not answer"
        gives "$1: a probe then finds it" 0 "$1" monitor $environment OCF_RESKEY_CRM_meta_interval=0
        rm -f "$work/bin/silent"
        gives "$1: stop" 0 "$1" stop $environment
        gives "$1: monitor after stop" 7 "$1" monitor $environment
        gives "$1: stop again" 0 "$1" stop $environment
        gives "$1: reload when stopped" 7 "$1" reload $environment

        echo $$ >"$work/$1.pid"
        gives "$1: monitor with a pid file of another process" 7 "$1" monitor $environment
        gives "$1: stop leaves that process alone" 0 "$1" stop $environment

        echo slow >"$work/$1.conf"
        run "$1" start $environment
        gives "$1: stop waits for an orderly end" 0 "$1" stop $environment
        [ ! -e "$work/$1.pid" ]
        ok "$1: which it had" $?
        echo stubborn >"$work/$1.conf"
        run "$1" start $environment
        gives "$1: stop kills before the operation's timeout" 0 "$1" stop $environment OCF_RESKEY_CRM_meta_timeout=2000
        gives "$1: monitor after that" 7 "$1" monitor $environment
    }
}

# What a dead cvipd left is taken away; what one that ended by itself left is its own affair.
cvip_actions() {
    environment=$(daemon_environment cvip)
    cleaned=$work/cvip.conf.cleaned
    # shellcheck disable=SC2086
    {
        echo good >"$work/cvip.conf"
        run cvip start $environment
        rm -f "$cleaned"
        gives "cvip: stop" 0 cvip stop $environment
        [ ! -e "$cleaned" ]
        ok "cvip: which leaves cleaning to the daemon" $?
        gives "cvip: stop when it is not running" 0 cvip stop $environment
        [ -e "$cleaned" ]
        ok "cvip: which takes away what a dead one left" $?
        for behaviour in crash stubborn; do
            rm -f "$cleaned"
            echo $behaviour >"$work/cvip.conf"
            run cvip start $environment
            gives "cvip: stop of a $behaviour daemon" 0 cvip stop $environment OCF_RESKEY_CRM_meta_timeout=2000
            [ -e "$cleaned" ]
            ok "cvip: which takes away what it left" $?
        done
        echo stuck >"$work/cvip.conf"
        gives "cvip: stop when that fails" 1 cvip stop $environment
        says "cvip: and says so" "ocf-exit-reason:cvipd ended, but what it left cannot be taken away: cvipd: eth0: Oper"
        echo bad >"$work/cvip.conf"
        gives "cvip: stop after a start with a bad configuration does not have the node fenced" 0 cvip stop $environment
    }
}

# The alert agent: fenced NODE KIND RC TASK; ends with success whatever is given.
fenced() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "HAS_FENCED=$work/fenced" "HAS_HASCTL=$work/bin/hasctl" "CRM_alert_node=$1" \
        "CRM_alert_kind=$2" "CRM_alert_rc=$3" "CRM_alert_task=$4" "$agents/fenced-alert" >"$work/out" 2>&1
    status=$?
    [ "$status" -eq 0 ] && [ ! -s "$work/out" ]
    ok "fenced-alert: quiet success with $1 $2 $3 $4" $?
}

alert_actions() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$agents/fenced-alert" >"$work/out" 2>&1
    ok "fenced-alert: with nothing in the environment" $?
    fenced m1 fencing 0 reboot
    grep -q '^cvip fenced m1$' "$work/bin/told"
    ok "fenced-alert: without the directory, hasctl is asked" $?
    mkdir "$work/fenced"
    fenced m2 fencing 0 off
    [ -e "$work/fenced/m2" ]
    ok "fenced-alert: a node that is off is told" $?
    fenced m3 fencing 0 on
    fenced m3 fencing 1 reboot
    fenced m3 node 0 reboot
    fenced ../m3 fencing 0 reboot
    fenced "" fencing 0 reboot
    [ "$(ls -A "$work/fenced")" = m2 ] && [ "$(wc -l <"$work/bin/told")" -eq 1 ]
    ok "fenced-alert: and nothing else is" $?
}

# shellcheck source=tests/agents/erd.sh
. "$source_directory/tests/agents/erd.sh"
# shellcheck source=tests/agents/nfs.sh
. "$source_directory/tests/agents/nfs.sh"

realserver_actions() {
    ip="10.1.0.100 fd00:1::100"
    arp=/proc/sys/net/ipv4/conf/all/arp_ignore
    gives "realserver: validate-all" 0 realserver validate-all "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    gives "realserver: validate-all without ip" 6 realserver validate-all "HAS_HASCTL=$hasctl"
    gives "realserver: start with nonsense" 6 realserver start "HAS_HASCTL=$hasctl" OCF_RESKEY_ip=10.1.0.300
    says "realserver: and says so" "ocf-exit-reason:10.1.0.300 is no IPv4 or IPv6 address"
    gives "realserver: monitor before start" 7 realserver monitor "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    gives "realserver: start" 0 realserver start "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    gives "realserver: monitor" 0 realserver monitor "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    monitor_time realserver monitor "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    ip address del fd00:1::100/128 dev lo
    gives "realserver: monitor when an address is gone" 1 realserver monitor "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    says "realserver: and says which" "ocf-exit-reason:fd00:1::100 is missing on lo"
    gives "realserver: start repairs it" 0 realserver start "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    ip link add lan0 type veth peer name lan1
    echo 0 >$arp
    gives "realserver: monitor when the node answers ARP" 1 realserver monitor "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    says "realserver: and says so" "the node answers ARP for the CVIP"
    ip link delete lan0
    gives "realserver: stop" 0 realserver stop "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    gives "realserver: stop again" 0 realserver stop "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
    gives "realserver: monitor after stop" 7 realserver monitor "HAS_HASCTL=$hasctl" "OCF_RESKEY_ip=$ip"
}

tester() {
    if ! command -v ocf-tester >/dev/null; then
        skip "ocf-tester" "it is not installed"
        return
    fi
    for daemon in tmd tcd cvip erd nfs-client; do
        echo good >"$work/$daemon.conf"
        HAS_HASCTL=$work/bin/hasctl ocf-tester -n "$daemon" -o binary="$work/bin/$(daemon_of "$daemon")" \
            -o config="$work/$daemon.conf" -o pidfile="$work/$daemon.pid" "$agents/$daemon" >"$work/out" 2>&1
        ok "ocf-tester $daemon" $?
        sed 's/^/# /' "$work/out"
    done
    HAS_HASCTL=$hasctl ocf-tester -n realserver -o ip="10.1.0.100 fd00:1::100" "$agents/realserver" >"$work/out" 2>&1
    ok "ocf-tester realserver" $?
    sed 's/^/# /' "$work/out"
}

# The second half runs as a process of its own, in a network namespace, with a /run of its own.
if [ "${1:-}" = --inside ]; then
    work=$2
    count=$3
    mount -t tmpfs tmpfs /run && ip link set lo up || exit 77
    not_installed
    daemon_actions tmd
    daemon_actions tcd
    daemon_actions cvip
    daemon_actions erd
    daemon_actions nfs-client
    cvip_actions
    erd_actions
    nfs_actions
    alert_actions
    realserver_actions
    tester
    echo "1..$count"
    [ "$failed" -eq 0 ]
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
chmod 755 "$work"
mkdir "$work/bin"
for daemon in tmd tcd cvipd erd nfshad; do
    cp "$source_directory/tests/agents/fake-daemon" "$work/bin/$daemon"
done
cp "$source_directory/tests/agents/fake-hasctl" "$work/bin/hasctl"
cp "$source_directory/tests/agents/fake-attrd_updater" "$work/bin/attrd_updater"
chmod 755 "$work"/bin/*

if [ ! -f "$root/lib/heartbeat/ocf-shellfuncs" ]; then
    echo "skipped: the package resource-agents is not installed" >&2
    exit 77
fi
schemas
style
if [ "$failed" -ne 0 ]; then
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: the actions need root" >&2
    exit 77
fi
unshare --net --mount sh "$0" --inside "$work" "$count"
