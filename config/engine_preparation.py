"""What an embedded engine needs before it is used: a replica set and an account, a bucket."""

from __future__ import annotations

import subprocess
import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from config.processes import HOST, START_SECONDS, EngineError

DATABASE = "portfolio"
BUCKET = "portfolio"
REPLICA_SET = "rs0"
NOT_YET_INITIALIZED, ALREADY_INITIALIZED = 94, 23  # MongoDB's error codes


def prepare_mongod(port: int, keyfile: str, password: str) -> None:
    """Makes or repairs the one-node replica set, and the application's account with this password. Works as the
    internal user that the key file defines: in any state, a first start or a replica set that remembers another port,
    so that the localhost exception stays closed. Raises EngineError if there is no primary after START_SECONDS.
    """
    client: MongoClient[Any] = MongoClient(
        HOST,
        port,
        directConnection=True,
        username="__system",
        password=keyfile,
        authSource="local",
        serverSelectionTimeoutMS=START_SECONDS * 1000,
    )
    deadline = time.monotonic() + START_SECONDS
    with client:
        while not _is_prepared(client, port, password):
            if time.monotonic() > deadline:
                raise EngineError("mongod n'accepte pas d'écriture : son jeu de réplicas n'a pas de primaire.")
            time.sleep(0.02)


def _is_prepared(client: MongoClient[Any], port: int, password: str) -> bool:
    try:
        if not _is_member(client, f"{HOST}:{port}"):
            return False
        if not client.admin.command("hello")["isWritablePrimary"]:
            return False
        if not client.admin.command("usersInfo", DATABASE)["users"]:
            client.admin.command(
                "createUser",
                DATABASE,
                pwd=password,
                roles=["readWriteAnyDatabase", "dbAdminAnyDatabase", "clusterMonitor"],
            )
    except AutoReconnect:
        return False  # a node that changes state closes its connections, whatever it is asked: it is asked again
    return True


def _is_member(client: MongoClient[Any], address: str) -> bool:
    """Returns True if mongod knows itself under this address (host:port). Otherwise tells it its address, and returns
    False: ask again. Raises OperationFailure.
    """
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as refusal:
        if refusal.code != NOT_YET_INITIALIZED:
            raise
        _initiate(client, address)
        return False
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
        return False
    return True


def _initiate(client: MongoClient[Any], address: str) -> None:
    members = [{"_id": 0, "host": address}]
    try:
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    except OperationFailure as refusal:
        # It is, and still looks for itself at its former address, where another program may be slow to answer.
        if refusal.code != ALREADY_INITIALIZED:
            raise


def prepare_objects(weed: str, master: str, filer: str) -> None:
    """Has each PUT reach the disk before it is acknowledged, then makes the bucket. master, filer: « host:port ».
    Raises EngineError where either is not so afterwards.
    """
    script = (
        "fs.configure -locationPrefix=/buckets/ -fsync -apply\n"
        f"s3.bucket.create -name {BUCKET}\n"  # an error where it exists: the list below decides
        "s3.bucket.list\n"
    )
    answer = subprocess.run(
        [weed, "-logtostderr=true", "shell", f"-master={master}", f"-filer={filer}"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    listed = [line.split()[0] for line in answer.stdout.splitlines() if line.strip()]
    if '"fsync":  true' not in answer.stdout or BUCKET not in listed:
        raise EngineError(f"SeaweedFS n'a pas pu être préparé :\n{answer.stdout}{answer.stderr}")
