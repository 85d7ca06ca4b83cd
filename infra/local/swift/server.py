"""server.py DIR PORT [attached]: OpenStack Swift with its S3 interface, all of it in one process, with its data in DIR.

Swift is made for clusters: a proxy, which speaks S3, finds accounts, buckets and objects by three rings on servers of
their own. Here each ring has one device. The sockets are open before the rings name their ports, so that no other
program can take one meanwhile.
"""
import eventlet

eventlet.monkey_patch()

import os
import secrets
import signal
import sys

from eventlet import tpool, wsgi
from swift.common import utils, wsgi as swift_wsgi
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingBuilder

LOOPBACK = "127.0.0.1"
ACCESS_KEY, SECRET_KEY = "test:admin", secrets.token_hex(20)

CLUSTER = """
[swift-hash]
swift_hash_path_suffix = test
[storage-policy:0]
name = one
default = yes
"""

STORAGE = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}
mount_check = false
[app:main]
use = egg:swift#{kind}
"""

# The order of the filters is Swift's own; `location` is the region that requests are signed for.
PROXY = f"""
[DEFAULT]
swift_dir = {{folder}}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth slo symlink versioned_writes proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = eu-west-3
[filter:tempauth]
use = egg:swift#tempauth
user_test_admin = {SECRET_KEY} .admin
[filter:slo]
use = egg:swift#slo
[filter:symlink]
use = egg:swift#symlink
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""


def main(folder, port, attached=None):
    os.chdir(folder)
    write("swift.conf", CLUSTER)
    utils.set_swift_dir(folder)
    for kind in ("account", "container", "object"):
        socket = eventlet.listen((LOOPBACK, 0))
        write_ring(kind, socket.getsockname()[1])
        serve(kind, STORAGE, socket)

    socket = eventlet.listen((LOOPBACK, int(port)))
    serve("proxy", PROXY, socket)
    print(f"TEST_S3_ENDPOINT=http://{LOOPBACK}:{socket.getsockname()[1]}")
    print(f"TEST_S3_ACCESS_KEY={ACCESS_KEY}\nTEST_S3_SECRET_KEY={SECRET_KEY}", flush=True)
    tpool.execute(sys.stdin.read if attached else signal.pause)


def serve(kind, configuration, socket):
    write(kind + ".conf", configuration.format(folder=os.getcwd(), kind=kind))
    app = swift_wsgi.loadapp(f"{os.getcwd()}/{kind}.conf", {"log_name": kind})
    # As Swift's own run_server, of which a process can have only one: clients look for "ETag", which is not "Etag".
    eventlet.spawn(wsgi.server, socket, app, utils.logs.NullLogger(), protocol=SwiftHttpProtocol, capitalize_response_headers=False)


def write_ring(kind, port):
    ring = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
    ring.add_dev({"region": 1, "zone": 1, "ip": LOOPBACK, "port": port, "device": "device", "weight": 1})
    ring.rebalance()
    ring.get_ring().save(kind + ".ring.gz")


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


try:
    main(*sys.argv[1:])
except KeyboardInterrupt:
    pass
sys.stdout.flush()
os._exit(0)
