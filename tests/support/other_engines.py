"""Another engine in the place of an embedded one: Ceph's object gateway for SeaweedFS.

Asked for by TEST_S3=radosgw (`make elsewhere`). Debian's packages; everything in memory.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import uuid
from contextlib import ExitStack
from pathlib import Path

from config.processes import HOST, EngineError, EngineProcess, free_ports
from tests.support.waiting import await_until

GRACE_S = 5
START_S = 60
CEPH = """
[global]
fsid = {fsid}
mon host = [v1:{host}:{mon}]
mon initial members = a
public addr = {host}
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
osd objectstore = memstore
memstore device bytes = 8589934592
osd crush update on start = false
osd class update on start = false
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
run dir = {folder}
admin socket = {folder}/$name.asok
pid file = {folder}/$name.pid
log file = {folder}/$name.log
mon cluster log file = {folder}/cluster.log
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}
keyring = {folder}/keyring
rgw frontends = beast endpoint={host}:{rgw}
rgw multipart min part size = 5242880
"""


def environment(leaving: ExitStack, folder: Path) -> dict[str, str]:
    """The settings of the engines asked for, which end with `leaving`."""
    return _radosgw(leaving, folder / "ceph") if os.environ.get("TEST_S3") == "radosgw" else {}


def _start(leaving: ExitStack, folder: Path, name: str, *command: str) -> EngineProcess:
    if shutil.which(command[0]) is None:
        raise EngineError(
            f"Il manque {command[0]}. Tapez : "
            "sudo apt-get install --yes --no-install-recommends radosgw ceph-mon ceph-osd"
        )
    process = EngineProcess(name, folder / name, command, os.environ)
    leaving.callback(process.await_end, GRACE_S)
    leaving.callback(process.popen.terminate)
    return process


def _radosgw(leaving: ExitStack, folder: Path) -> dict[str, str]:
    """One monitor, one disk in memory, one gateway: some ten seconds."""
    folder.mkdir()
    mon, rgw = free_ports(folder, 2)
    fsid, disk = str(uuid.uuid4()), str(uuid.uuid4())
    conf = folder / "ceph.conf"
    conf.write_text(CEPH.format(fsid=fsid, host=HOST, mon=mon, rgw=rgw, folder=folder))
    at = ("-c", str(conf))
    keyring, monmap = str(folder / "keyring"), str(folder / "monmap")
    _run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    _run("monmaptool", "--create", "--addv", "a", f"[v1:{HOST}:{mon}]", "--fsid", fsid, monmap)
    _run("ceph-mon", *at, "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
    _start(leaving, folder, "monitor", "ceph-mon", *at, "-i", "a", "-f").await_port(mon)
    _run("ceph", *at, "osd", "new", disk)
    (folder / "osd").mkdir()
    _run("ceph-osd", *at, "-i", "0", "--mkfs", "--osd-uuid", disk)
    _start(leaving, folder, "disk", "ceph-osd", *at, "-i", "0", "-f")
    _run("ceph", *at, "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=a")
    await_until(lambda: "1 up" in _run("ceph", *at, "osd", "stat"), "ceph-osd did not come", START_S)
    gateway = _start(leaving, folder, "gateway", "radosgw", *at, "-n", "client.rgw", "-f")
    gateway.await_port(rgw)
    keys = {"S3_ACCESS_KEY_ID": secrets.token_hex(10), "S3_SECRET_ACCESS_KEY": secrets.token_hex(20)}
    made = ("user", "create", "--uid=portfolio", "--display-name=portfolio")
    given = (f"--access-key={keys['S3_ACCESS_KEY_ID']}", f"--secret-key={keys['S3_SECRET_ACCESS_KEY']}")
    _run("radosgw-admin", *at, "-n", "client.rgw", *made, *given)
    return {"S3_ENDPOINT_URL": f"http://{HOST}:{rgw}", **keys}


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=START_S)
    if done.returncode != 0:
        raise EngineError(f"{command[0]} : {done.stderr or done.stdout}")
    return done.stdout
