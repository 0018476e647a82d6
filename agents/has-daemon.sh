# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What the agents ocf:has:tmd, tcd, cvip, erd and nfs-client share: a daemon that goes into the background when it is
# ready, with a pid file and a control service. Expects has_daemon (the daemon's name), has_meta_data, and the OCF shell
# functions. Before it an agent may set has_config (where its file is), has_config_option (the daemon's option for it),
# has_question (what hasctl is asked by a monitor) and has_refused; after it, it may define has_clean and has_answered anew.
# Installed beside the agents as .has-daemon; Pacemaker ignores names that begin with a dot.
# A monitor starts one program only, hasctl: the rest is the shell's own.

: "${OCF_RESKEY_binary:=@sbindir@/$has_daemon}"
: "${has_config:=@sysconfdir@/has/$has_daemon.conf}"
: "${has_config_option:=-f}"
: "${has_question:=ping $has_daemon}"
: "${OCF_RESKEY_config:=$has_config}"
: "${OCF_RESKEY_pidfile:=@runstatedir@/has/$has_daemon.pid}"
: "${HAS_HASCTL:=@bindir@/hasctl}"

# True if the daemon runs; has_running is its pid. A pid file may be older than a reboot, so the name of the process
# decides. A zombie is no daemon.
has_find()
{
    read -r has_running <"$OCF_RESKEY_pidfile" || return 1
    read -r has_process <"/proc/$has_running/stat" || return 1
    case $has_process in
    *" ($has_daemon) Z "*) return 1 ;;
    *" ($has_daemon) "*) return 0 ;;
    *) return 1 ;;
    esac
} 2>/dev/null

# Seconds since the machine was started.
has_uptime()
{
    read -r has_now _ </proc/uptime
    has_now=${has_now%.*}
}

# It runs if its process is there, and is well if its loop answers. A process that is there and does not answer has
# failed: Pacemaker recovers it. The answer may take half of the operation's timeout.
has_monitor()
{
    has_find || return "$OCF_NOT_RUNNING"
    ocf_is_probe && return "$OCF_SUCCESS"
    has_patience=$((${OCF_RESKEY_CRM_meta_timeout:-20000} / 2))
    # shellcheck disable=SC2086 # words
    if has_answer=$("$HAS_HASCTL" $has_question --timeout "$has_patience" 2>&1); then
        has_answered
        return "$OCF_SUCCESS"
    fi
    has_find || return "$OCF_NOT_RUNNING" # it ended meanwhile
    ocf_exit_reason "$has_daemon (pid $has_running) runs but does not answer within $has_patience ms: $has_answer"
    return "$OCF_ERR_GENERIC"
}

# Does something with has_answer, what a well daemon said: here nothing, an agent may define it anew.
has_answered()
{
    :
}

# What must be on this node. A missing or bad file is this node's matter: OCF_ERR_CONFIGURED would make Pacemaker
# stop the daemon on all other nodes too, so it is not used here.
has_installed()
{
    if [ ! -x "$OCF_RESKEY_binary" ]; then
        ocf_exit_reason "$OCF_RESKEY_binary is not installed on this node"
        return "$OCF_ERR_INSTALLED"
    fi
    if [ ! -f "$OCF_RESKEY_config" ]; then
        ocf_exit_reason "$OCF_RESKEY_config is missing on this node: render it with hasctl config render"
        return "$OCF_ERR_INSTALLED"
    fi
}

has_validate()
{
    has_installed || return $?
    has_answer=$("$OCF_RESKEY_binary" -t "$has_config_option" "$OCF_RESKEY_config" 2>&1) && return "$OCF_SUCCESS"
    ocf_exit_reason "$has_answer"
    return "$OCF_ERR_ARGS"
}

# The daemon's parent returns when the daemon is ready, or with the reason why it is not: sysexits(3).
has_start()
{
    has_find && return "$OCF_SUCCESS"
    has_installed || return $?
    has_answer=$("$OCF_RESKEY_binary" -b "$has_config_option" "$OCF_RESKEY_config" -p "$OCF_RESKEY_pidfile" 2>&1) &&
        return "$OCF_SUCCESS"
    case $? in
    69) set -- "$OCF_ERR_GENERIC" \
        "${has_refused:-no IPVS in this kernel, or another process has the UDP port; see its log}" ;;
    77) set -- "$OCF_ERR_PERM" "not permitted; see its log" ;;
    78) set -- "$OCF_ERR_ARGS" "wrong configuration; see its log" ;;
    *) set -- "$OCF_ERR_GENERIC" "see its log" ;;
    esac
    ocf_exit_reason "$has_daemon did not start: ${has_answer:-$2}"
    return "$1"
}

# Takes away what a daemon left that did not end by itself: here nothing, an agent may define it anew.
has_clean()
{
    return "$OCF_SUCCESS"
}

# Waits for an orderly end (tcd: until its connections ended) until shortly before Pacemaker's patience ends, then
# kills. Returns when the process is gone; if it cannot be killed, the operation's timeout ends this.
# A daemon that ends by itself removes its pid file: one that is left tells of a daemon that died.
has_stop()
{
    if ! has_find; then
        has_clean
        return
    fi
    has_uptime
    has_deadline=$((has_now + ${OCF_RESKEY_CRM_meta_timeout:-20000} * 8 / 10000))
    kill -TERM "$has_running" 2>/dev/null
    has_pause=0.05
    while has_find; do
        sleep "$has_pause"
        has_pause=0.25
        has_uptime
        if [ "$has_deadline" -gt 0 ] && [ "$has_now" -ge "$has_deadline" ]; then
            ocf_log warn "$has_daemon (pid $has_running) did not end in time and is killed"
            kill -KILL "$has_running" 2>/dev/null
            has_deadline=0 # once
        fi
    done
    [ -e "$OCF_RESKEY_pidfile" ] || return "$OCF_SUCCESS"
    rm -f "$OCF_RESKEY_pidfile"
    has_clean
}

# The daemon refuses a bad file itself and goes on with the old one; this tells whoever asked for the reload.
has_reload()
{
    has_validate || return $?
    has_find || return "$OCF_NOT_RUNNING"
    kill -HUP "$has_running" || return "$OCF_ERR_GENERIC"
}

# The parameters and actions that all have; $1: timeout of stop in seconds, $2: seconds between monitors (5), $3: more
# parameters.
has_meta_parameters()
{
    cat <<END
<parameters>
<parameter name="config" unique="1">
<longdesc lang="en">Configuration file, as rendered by hasctl config render.</longdesc>
<shortdesc lang="en">configuration file</shortdesc>
<content type="string" default="$has_config"/>
</parameter>
<parameter name="pidfile" unique="1">
<longdesc lang="en">Where the daemon writes its process number.</longdesc>
<shortdesc lang="en">pid file</shortdesc>
<content type="string" default="@runstatedir@/has/$has_daemon.pid"/>
</parameter>
<parameter name="binary">
<longdesc lang="en">The program.</longdesc>
<shortdesc lang="en">program</shortdesc>
<content type="string" default="@sbindir@/$has_daemon"/>
</parameter>${3-}
</parameters>
<actions>
<action name="start" timeout="20s"/>
<action name="stop" timeout="${1}s"/>
<action name="monitor" timeout="20s" interval="${2-5}s" depth="0"/>
<action name="reload" timeout="20s"/>
<action name="validate-all" timeout="20s"/>
<action name="meta-data" timeout="5s"/>
</actions>
END
}

has_run()
{
    case ${1:-} in
    meta-data) has_meta_data ;;
    start) has_start ;;
    stop) has_stop ;;
    monitor | status) has_monitor ;;
    reload) has_reload ;;
    validate-all) has_validate ;;
    usage | help) echo "usage: ${0##*/} start|stop|monitor|reload|validate-all|meta-data" ;;
    *)
        echo "usage: ${0##*/} start|stop|monitor|reload|validate-all|meta-data" >&2
        return "$OCF_ERR_UNIMPLEMENTED"
        ;;
    esac
}
