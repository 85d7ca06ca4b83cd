#!/usr/bin/env bash
# build.sh OUT: schemas that people know, as their makers wrote them, from Debian's packages.
#   OUT/powerdns.sql, OUT/kea.sql, OUT/icinga.sql, OUT/zabbix.sql
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/schemas."

build() {
  local out=$1 work=$1.work share=$1.work/files/usr/share
  need_debian "only the tests of autogenerate need it."
  unpack bookworm "$work" '(?!(pdns-backend-pgsql|kea-admin|icinga2-ido-pgsql|zabbix-server-pgsql)$).*' pdns-backend-pgsql kea-admin icinga2-ido-pgsql zabbix-server-pgsql
  mkdir -p "$out"
  cp "$share/pdns-backend-pgsql/schema/schema.pgsql.sql" "$out/powerdns.sql"
  cp "$share/kea/scripts/pgsql/dhcpdb_create.pgsql" "$out/kea.sql"
  cp "$share/icinga2-ido-pgsql/schema/pgsql.sql" "$out/icinga.sql"
  gunzip -c "$share/zabbix-server-pgsql/schema.sql.gz" >"$out/zabbix.sql"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
}

publish "$1" "schemas" build
