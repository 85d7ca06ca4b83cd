#!/usr/bin/env bash
# build.sh OUT: a real S3 server for the tests, Ceph's RADOS Gateway over one in-memory store, from Debian's packages.
#   OUT/bin  ceph-mon, ceph-osd, radosgw, radosgw-admin, monmaptool, osdmaptool; up.sh starts them
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/s3."

build() {
  local out=$1 work=$1.work
  need_debian "point the tests at another S3 server with TEST_S3_ENDPOINT, TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY."
  # Left out: what runs a cluster for good (Python, LVM, systemd).
  unpack forky "$work" '(?!z?lib|gcc|ceph-(base|common|mon|osd)$|radosgw).*|lib(.*perl|.*python|pam-m|db5|gdbm|lvm|sasl2-modules|c-gconv|c-l10n|c-bin|audit-common|sema.*-common|gprofng|binutils|ctf).*' \
    ceph-mon ceph-osd radosgw

  local libraries=$work/files/usr/lib/x86_64-linux-gnu
  mkdir -p "$out"/{bin,libexec,lib}
  for tool in ceph-mon ceph-osd radosgw radosgw-admin monmaptool osdmaptool; do
    mv "$work/files/usr/bin/$tool" "$out/libexec/"
    install "$here/../../lib/run-bundled" "$out/bin/$tool"
  done
  mv "$libraries/rados-classes" "$out/lib/"
  rm "$libraries/ceph/crypto/"*qat* # for hardware that needs a library of its own
  mkdir "$out/lib/ceph" && mv "$libraries/ceph/crypto" "$out/lib/ceph/"
  bundle_libraries "$work/files" "$out/lib" "$out"/libexec/* "$out"/lib/rados-classes/*.so "$out"/lib/ceph/crypto/*.so
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
  "$out/bin/radosgw" --version >/dev/null || fail 1 "The unpacked RADOS Gateway does not start." "the line above says why."
}

publish "$1" "the S3 server" build
