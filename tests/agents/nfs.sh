# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # run.sh assigns them
# The agents of NFS: ocf:has:nfs-mount, nfs-copy and nfs-server; a part of run.sh, whose functions and variables it uses.
# Programs that mount or serve are fakes (fake-nfs); the kernel's files are in directories of the test's.

nfs_environment() {
    mkdir -p "$work/nfs"
    : >"$work/nfs/mounts"
    for program in mount umount has-nfs-publish rpc.nfsd rpc.mountd rpc.statd nfsdcld nfsconf nft ss sm-notify pidof rpcbind; do
        cp "$source_directory/tests/agents/fake-nfs" "$work/nfs/$program"
        chmod 755 "$work/nfs/$program"
    done
    nfs="PATH=$work/nfs:/usr/sbin:/usr/bin:/sbin:/bin HAS_MOUNTS=$work/nfs/mounts"
}

# What the programs were told since the last time, in one line.
nfs_told() { # description, expected
    [ "$(tr '\n' ';' <"$work/nfs/told" 2>/dev/null)" = "$2" ]
    ok "$1" $?
    sed 's/^/# /' "$work/nfs/told" 2>/dev/null
    rm -f "$work/nfs/told"
}

nfs_mount() {
    where="OCF_RESKEY_source=10.1.0.1,10.1.0.2:/srv OCF_RESKEY_directory=$work/nfs/mnt"
    short="OCF_RESKEY_CRM_meta_timeout=2000"
    # shellcheck disable=SC2086
    {
        gives "nfs-mount: a probe with nothing installed" 7 nfs-mount monitor $where OCF_RESKEY_CRM_meta_interval=0
        gives "nfs-mount: stop with nothing mounted" 0 nfs-mount stop $where
        gives "nfs-mount: start without a source" 2 nfs-mount start $nfs OCF_RESKEY_directory=/mnt
        says "nfs-mount: and says what is wanted" 'ocf-exit-reason:source="": servers and their export such as'
        gives "nfs-mount: start without a directory" 2 nfs-mount start $nfs OCF_RESKEY_source=a:/b
        gives "nfs-mount: start without mount.nfsha" 5 nfs-mount start $nfs $where HAS_MOUNT_NFSHA=/nonexistent
        nfs="$nfs HAS_MOUNT_NFSHA=$work/nfs/mount"
        gives "nfs-mount: start" 0 nfs-mount start $nfs $where OCF_RESKEY_options=vers=4.2,ro
        nfs_told "nfs-mount: which mounts it" \
            "mount -t nfsha -o vers=4.2,ro 10.1.0.1,10.1.0.2:/srv $work/nfs/mnt;"
        gives "nfs-mount: start again" 0 nfs-mount start $nfs $where
        nfs_told "nfs-mount: which mounts nothing" ""
        gives "nfs-mount: monitor" 0 nfs-mount monitor $nfs $where
        monitor_time nfs-mount monitor $nfs $where
        gives "nfs-mount: monitor of a directory above" 7 nfs-mount monitor $nfs $where "OCF_RESKEY_directory=$work/nfs"
        touch "$work/nfs/busy"
        gives "nfs-mount: stop while it is in use" 0 nfs-mount stop $nfs $where $short
        grep -q "^umount -i -c -f -l $work/nfs/mnt\$" "$work/nfs/told"
        ok "nfs-mount: unmounts it lazily at last" $?
        rm -f "$work/nfs/busy" "$work/nfs/told"
        gives "nfs-mount: monitor after stop" 7 nfs-mount monitor $nfs $where
        echo 32 >"$work/nfs/fails"
        gives "nfs-mount: start while no server is there" 1 nfs-mount start $nfs $where $short
        says "nfs-mount: and says why" "ocf-exit-reason:mount: it failed"
        [ "$(wc -l <"$work/nfs/told")" -gt 1 ]
        ok "nfs-mount: after it tried again" $?
        rm -f "$work/nfs/told"
        echo 1 >"$work/nfs/fails"
        gives "nfs-mount: start with wrong options" 1 nfs-mount start $nfs $where $short
        [ "$(wc -l <"$work/nfs/told")" -eq 1 ]
        ok "nfs-mount: does not try again" $?
        rm -f "$work/nfs/fails" "$work/nfs/told"
    }
}

nfs_copy() {
    where="OCF_RESKEY_directory=$work/nfs/copy OCF_RESKEY_config=$work/nfs/publish.conf HAS_PUBLISH=$work/nfs/has-nfs-publish"
    # shellcheck disable=SC2086
    {
        gives "nfs-copy: a probe with nothing installed" 7 nfs-copy monitor OCF_RESKEY_directory=/nonexistent
        gives "nfs-copy: start without its configuration" 5 nfs-copy start $nfs $where
        touch "$work/nfs/publish.conf"
        gives "nfs-copy: start before anything is published" 1 nfs-copy start $nfs $where
        says "nfs-copy: and says so" "ocf-exit-reason:no version is mounted on $work/nfs/copy: none has come here"
        echo "$work/nfs/copy" >"$work/nfs/published"
        gives "nfs-copy: start" 0 nfs-copy start $nfs $where
        gives "nfs-copy: monitor" 0 nfs-copy monitor $nfs $where
        gives "nfs-copy: stop" 0 nfs-copy stop $nfs $where
        gives "nfs-copy: monitor after stop" 7 nfs-copy monitor $nfs $where
        rm -f "$work/nfs/told"
    }
}

nfs_server() {
    where="HAS_NFSD=$work/nfs/nfsd HAS_LOCKD=$work/nfs/lockd HAS_SYSCTL=$work/nfs/sysctl HAS_PROC=$work/nfs/proc
        HAS_LEASES=$work/nfs/sysctl/leases HAS_PIPEFS=$work/nfs/pipefs HAS_RPCBIND=/nonexistent HA_RSCTMP=$work/nfs OCF_RESKEY_state=$work/nfs/state
        OCF_RESKEY_grace=12"
    # shellcheck disable=SC2086
    {
        gives "nfs-server: a probe with nothing there" 7 nfs-server monitor $nfs $where OCF_RESKEY_CRM_meta_interval=0
        gives "nfs-server: start with a relative state directory" 2 nfs-server start $nfs $where OCF_RESKEY_state=x
        mkdir -p "$work/nfs/nfsd" "$work/nfs/lockd" "$work/nfs/sysctl" "$work/nfs/proc"
        touch "$work/nfs/lockd/nlm_end_grace" "$work/nfs/sysctl/nlm_tcpport" "$work/nfs/sysctl/nlm_grace_period" \
            "$work/nfs/sysctl/leases"
        echo 0 >"$work/nfs/nfsd/threads"
        printf 'nfsd %s x\nrpc_pipefs %s x\n' "$work/nfs/nfsd" "$work/nfs/pipefs" >"$work/nfs/mounts"
        gives "nfs-server: start" 0 nfs-server start $nfs $where
        nfs_told "nfs-server: which shuts the port, starts all and opens it" "nft drop;rpcbind -w;rpc.statd --no-notify \
-P $work/nfs/state/statd;nfsdcld -s $work/nfs/state/nfsdcld;rpc.mountd;rpc.nfsd;nft open;"
        [ "$(cat "$work/nfs/nfsd/nfsv4gracetime" "$work/nfs/sysctl/nlm_grace_period" "$work/nfs/sysctl/nlm_tcpport" \
            "$work/nfs/lockd/nlm_end_grace" "$work/nfs/sysctl/leases" | tr '\n' ' ')" = "12 3 32803 Y 0 " ]
        ok "nfs-server: with the grace periods and lockd's port, and without delegations" $?
        gives "nfs-server: monitor" 0 nfs-server monitor $nfs $where
        rm -f "$work/nfs/told"
        monitor_time nfs-server monitor $nfs $where
        echo "3 (rpc.mountd) Z 1" >"$work/nfs/proc/3/stat"
        gives "nfs-server: monitor when a helper is dead" 1 nfs-server monitor $nfs $where
        says "nfs-server: and says which" "ocf-exit-reason:(rpc.mountd) does not run"
        echo "3 (rpc.mountd) S 1" >"$work/nfs/proc/3/stat"
        touch "$work/nfs/shut"
        gives "nfs-server: monitor when the port is shut" 1 nfs-server monitor $nfs $where
        rm -f "$work/nfs/shut" "$work/nfs/told"
        echo 0 >"$work/nfs/nfsd/threads"
        gives "nfs-server: monitor when the threads are gone" 7 nfs-server monitor $nfs $where
        echo 8 >"$work/nfs/nfsd/threads"
        rm -rf "$work/nfs/proc" "$work/nfs/told"
        gives "nfs-server: stop" 0 nfs-server stop $nfs $where
        nfs_told "nfs-server: which answers, is silent and stands by at last" "nft drain;nft drop;rpc.nfsd 0;ss -K -t sport = :2049;nft stand by;"
        gives "nfs-server: stop again" 0 nfs-server stop $nfs $where
    }
}

nfs_actions() {
    nfs_environment
    nfs_mount
    nfs_copy
    nfs_server
}
