# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What the agents ocf:has:tmd and ocf:has:tcd share: a daemon that goes into the background when it is ready, with a
# pid file and a control service. Expects: has_daemon (tmd or tcd), and the OCF shell functions.
# Installed beside the agents as .has-daemon; Pacemaker ignores names that begin with a dot.

: "${OCF_RESKEY_binary:=@sbindir@/$has_daemon}"
: "${OCF_RESKEY_config:=@sysconfdir@/has/$has_daemon.conf}"
: "${OCF_RESKEY_pidfile:=@runstatedir@/has/$has_daemon.pid}"
has_hasctl=@bindir@/hasctl

# Prints the daemon's pid if it runs. A pid file may be older than a reboot: the name of the process decides.
has_pid()
{
    read -r has_candidate <"$OCF_RESKEY_pidfile" || return 1
    read -r has_comm <"/proc/$has_candidate/comm" || return 1
    [ "$has_comm" = "$has_daemon" ] || return 1
    echo "$has_candidate"
} 2>/dev/null

# Runs when its process is there; is well when its loop answers. A process that is there and does not answer has
# failed: Pacemaker recovers it.
has_monitor()
{
    has_pid >/dev/null || return "$OCF_NOT_RUNNING"
    ocf_is_probe && return "$OCF_SUCCESS"
    has_answer=$("$has_hasctl" ping "$has_daemon" 2>&1) && return "$OCF_SUCCESS"
    has_pid >/dev/null || return "$OCF_NOT_RUNNING"
    ocf_exit_reason "$has_daemon runs but does not answer: $has_answer"
    return "$OCF_ERR_GENERIC"
}

has_validate()
{
    if [ ! -x "$OCF_RESKEY_binary" ]; then
        ocf_exit_reason "$OCF_RESKEY_binary is not installed on this node"
        return "$OCF_ERR_INSTALLED"
    fi
    if [ ! -f "$OCF_RESKEY_config" ]; then
        ocf_exit_reason "$OCF_RESKEY_config is missing: render it with hasctl config render"
        return "$OCF_ERR_INSTALLED"
    fi
    if ! has_answer=$("$OCF_RESKEY_binary" -t -f "$OCF_RESKEY_config" 2>&1); then
        ocf_exit_reason "$has_answer"
        return "$OCF_ERR_CONFIGURED"
    fi
    return "$OCF_SUCCESS"
}

# The daemon's parent returns when the daemon is ready, or with the reason why it is not.
has_start()
{
    has_pid >/dev/null && return "$OCF_SUCCESS"
    has_validate || return $?
    has_answer=$("$OCF_RESKEY_binary" -b -f "$OCF_RESKEY_config" -p "$OCF_RESKEY_pidfile" 2>&1) && return "$OCF_SUCCESS"
    has_status=$?
    ocf_exit_reason "$has_daemon did not start (exit status $has_status): ${has_answer:-see its log}"
    case $has_status in
    77) return "$OCF_ERR_PERM" ;;
    78) return "$OCF_ERR_CONFIGURED" ;;
    *) return "$OCF_ERR_GENERIC" ;;
    esac
}

# Waits for an orderly end until shortly before Pacemaker's patience ends, then kills.
has_stop()
{
    has_running=$(has_pid) || return "$OCF_SUCCESS"
    has_left=$((${OCF_RESKEY_CRM_meta_timeout:-20000} / 200 - 10))
    kill -TERM "$has_running" 2>/dev/null
    while kill -0 "$has_running" 2>/dev/null; do
        if [ "$has_left" -le 0 ]; then
            ocf_log warn "$has_daemon (pid $has_running) did not end in time and is killed"
            kill -KILL "$has_running" 2>/dev/null
        fi
        has_left=$((has_left - 1))
        sleep 0.2
    done
    rm -f "$OCF_RESKEY_pidfile"
    return "$OCF_SUCCESS"
}

has_reload()
{
    has_validate || return $?
    has_running=$(has_pid) || return "$OCF_NOT_RUNNING"
    kill -HUP "$has_running"
}

# The parameters and actions that both have; $1: timeout of stop in seconds.
has_meta_parameters()
{
    cat <<END
<parameters>
<parameter name="config" unique="1">
<longdesc lang="en">Configuration file, as rendered by hasctl config render.</longdesc>
<shortdesc lang="en">configuration file</shortdesc>
<content type="string" default="@sysconfdir@/has/$has_daemon.conf"/>
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
</parameter>
</parameters>
<actions>
<action name="start" timeout="20s"/>
<action name="stop" timeout="${1}s"/>
<action name="monitor" timeout="20s" interval="5s" depth="0"/>
<action name="reload" timeout="20s"/>
<action name="validate-all" timeout="20s"/>
<action name="meta-data" timeout="5s"/>
</actions>
END
}

has_run()
{
    case $1 in
    meta-data) has_meta_data ;;
    start) has_start ;;
    stop) has_stop ;;
    monitor | status) has_monitor ;;
    reload) has_reload ;;
    validate-all) has_validate ;;
    usage | help) echo "usage: $0 start|stop|monitor|reload|validate-all|meta-data" ;;
    *)
        echo "usage: $0 start|stop|monitor|reload|validate-all|meta-data" >&2
        return "$OCF_ERR_UNIMPLEMENTED"
        ;;
    esac
}
