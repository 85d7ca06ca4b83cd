#!/usr/bin/env bash
# up.sh [--attached] DIR [PORT]: starts an empty S3 server with its state in DIR, on loopback and free ports if none is
# given, and prints its settings as NAME=value lines. `down.sh DIR` ends it.
# --attached: stays until its input closes or it is told to end, then ends the server: a killed test run leaves nothing.
# DIR/radosgw-admin manages users and quotas: see README.md. TEST_S3_BUNDLE: another place of what build.sh makes.
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
fail() { # CODE MESSAGE HINT
  printf '%s\nHint: %s\n' "$2" "$3" >&2
  exit "$1"
}

attached=''
if [ "${1:-}" = --attached ]; then attached=yes && shift; fi
[ $# = 1 ] || [ $# = 2 ] || fail 2 "usage: up.sh [--attached] DIR [PORT]" "DIR is emptied and takes the server's state."
bundle=${TEST_S3_BUNDLE:-$(realpath -m "$here/../../../.deepsight/s3")}
[ -n "${TEST_S3_BUNDLE:-}" ] || "$here/build.sh" "$bundle"
[ ! -e "$1/ceph.conf" ] || "$here/down.sh" "$1"
rm -rf "${1:?}" && mkdir -p "$1" && cd "$1" && run=$(pwd -P)

ended() {
  if [ "$1" != 0 ] || [ -n "$attached" ]; then "$here/down.sh" "$run"; fi
}
trap 'ended $?' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# Whether the gateway answers, and not another program that took the port.
is_answering() {
  local line=''
  { exec 3<>"/dev/tcp/127.0.0.1/$1" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && IFS= read -r -t 5 line <&3; } 2>/dev/null
  exec 3>&-
  [[ $line == HTTP/1* ]]
}
# 64 ports in a row, for the gateway, the monitor and the store, which binds several. They lie below the range from which
# the kernel hands out ports. The lock keeps a second server away; the daemons inherit it and hold it while they live.
claim_ports() {
  while base=$((20000 + RANDOM % 187 * 64)); do
    exec 9>"${TMPDIR:-/tmp}/deepsight-s3-ports-$UID-$base.lock"
    ! flock -n 9 || in_use $base || in_use $((base + 1)) || in_use $((base + 2)) || break
  done
}
claim_ports
port=${2:-$base} mon=$((base + 1)) osd=$((base + 2))
! in_use "$port" || fail 1 "Port $port is in use." "name another port, or none."
fsid=$(cat /proc/sys/kernel/random/uuid)
key=TEST$RANDOM$RANDOM secret=$(cat /proc/sys/kernel/random/uuid)

cat >ceph.conf <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$mon]
mon_initial_members = a
public_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_bind_port_min = $osd
ms_bind_port_max = $((base + 63))
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
# Without keys there is nothing to encrypt with, which the gateway would still ask of the monitor.
ms_mon_cluster_mode = crc
ms_mon_service_mode = crc
ms_mon_client_mode = crc
run_dir = $run
log_file = $run/\$name.log
admin_socket =
pid_file =
plugin_dir = $bundle/lib/ceph
osd_class_dir = $bundle/lib/rados-classes
osd_erasure_code_plugins =
# One copy of everything in one place is enough here.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
rgw_rados_pool_pg_num_min = 1
mon_max_pg_per_osd = 2000
mon_allow_pool_size_one = true
# The defaults wait for more changes to come, which is most of the time that a start takes.
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
# The monitor would end itself on a disk that is nearly full.
mon_data_avail_crit = 0
mon_data_avail_warn = 0
[mon.a]
mon_data = $run/mon
[osd.0]
osd_data = $run/osd
osd_objectstore = memstore
memstore_device_bytes = 8589934592
crush_location = root=default host=h
[client.rgw.test]
rgw_data = $run/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port
rgw_enable_apis = s3, admin
rgw_crypt_require_ssl = false
# Quotas bite at once instead of after ten minutes.
rgw_bucket_quota_ttl = 0
# What is deleted makes room at once instead of after two hours: the store is in memory.
rgw_gc_obj_min_wait = 20
rgw_gc_processor_period = 20
rgw_gc_processor_max_time = 20
rgw_user_quota_bucket_sync_interval = 1
CONF
export CEPH_CONF=$run/ceph.conf PATH=$bundle/bin:$PATH

start() { # NAME PROGRAM ARGUMENTS: in a session of its own, so that Ctrl-C leaves it to down.sh
  setsid "${@:2}" </dev/null >"$1.out" 2>&1 &
  echo $! >"$1.id"
  disown
}
quiet() { "$@" >setup.out 2>&1 || failed "$1"; }
failed() {
  tail -qn 5 ./*.out >&2
  fail 1 "The S3 server did not start: $1 failed." "the lines above say why."
}

mkdir mon osd rgw
# The first map already holds the store, so that Ceph's Python command is not needed to add it.
quiet monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon]" monmap
quiet osdmaptool --createsimple 1 osdmap
quiet ceph-mon -i a --mkfs --monmap monmap --osdmap osdmap
start mon ceph-mon -i a -f
quiet timeout 60 ceph-osd -i 0 --mkfs
start osd ceph-osd -i 0 -f

cat >radosgw-admin <<ADMIN
#!/bin/sh
CEPH_CONF='$CEPH_CONF' exec '$bundle/bin/radosgw-admin' -n client.rgw.test "\$@"
ADMIN
chmod +x radosgw-admin
# Waits for the store by itself.
quiet timeout 60 ./radosgw-admin user create --uid test --display-name test --access-key "$key" --secret-key "$secret"
start rgw radosgw -n client.rgw.test -f
for _ in {1..600}; do
  kill -0 "$(cat rgw.id)" 2>/dev/null || failed radosgw
  ! is_answering "$port" || break
  sleep 0.1
done
is_answering "$port" || failed radosgw

printf '%s\n' "TEST_S3_ENDPOINT=http://127.0.0.1:$port" "TEST_S3_ACCESS_KEY=$key" "TEST_S3_SECRET_KEY=$secret" | tee endpoint.env
[ -z "$attached" ] || cat >/dev/null
