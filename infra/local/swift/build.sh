#!/usr/bin/env bash
# build.sh OUT: a second, unrelated S3 server for the tests, OpenStack Swift with its S3 interface, from Debian's packages.
#   OUT/bin/python  the Python that has it; up.sh starts it
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/swift."

build() {
  local out=$1 work=$1.work python modules
  need_debian "only the tests over a second S3 server need it."
  # Left out: what runs it as services (systemd, cron, syslog, rsync), and Perl.
  unpack forky "$work" 'uwsgi.*|cron.*|rsyslog|rsync|logrotate|wget|lib(.*perl|pam|systemd|c-gconv|audit|sema.*-common).*|.*perl.*|gettext.*|po-debconf|.*docutils.*|passwd' \
    python3-swift
  python=$(basename "$(realpath "$work/files/usr/bin/python3")")
  mkdir -p "$out"/{bin,libexec,lib}
  cp "$work/files/usr/bin/$python" "$out/libexec/python"
  mv "$work/files/usr/lib/$python" "$work/files/usr/lib/python3" "$out/lib/"
  install "$here/../../lib/run-bundled" "$out/bin/python"
  mapfile -d '' modules < <(find "$out/lib/"python* -name '*.so' -print0)
  bundle_libraries "$work/files" "$out/lib" "$out/libexec/python" "${modules[@]}"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
  PYTHONHOME=$out PYTHONPATH=$out/lib/python3/dist-packages "$out/bin/python" -W ignore -c 'import swift.proxy.server, swift.common.middleware.s3api.s3api' ||
    fail 1 "The unpacked Swift does not start." "the line above says why."
}

publish "$1" "Swift" build
