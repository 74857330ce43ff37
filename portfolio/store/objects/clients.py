"""Makes clients of an S3 store, by address: that of the service to read and write, that of browsers to sign links."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from config.on_demand import on_demand
from portfolio.store import engine_metrics
from portfolio.store.objects.breaker import Breaker

if TYPE_CHECKING:
    import boto3.session as boto3_session
    import botocore.config as botocore_config
    from mypy_boto3_s3 import S3Client
else:
    boto3_session, botocore_config = on_demand("boto3.session"), on_demand("botocore.config")


class Clients:
    """Keeps one client per process and address: threads share it; a forked worker must not inherit its connections.

    patient: waits a minute for a silent store, and asks it again, instead of leaving it alone.
    """

    def __init__(self, access_key: str, secret_key: str, region: str, *, patient: bool = False) -> None:
        self._breaker = None if patient else Breaker()
        self._access_key, self._secret_key, self._region = access_key, secret_key, region
        self._made: dict[str, S3Client] = {}
        self._made_in = os.getpid()
        self._making = threading.Lock()

    def at(self, endpoint_url: str) -> S3Client:
        """Returns the S3 client of this address, made once per process."""
        with self._making:
            if self._made_in != os.getpid():
                self._made, self._made_in = {}, os.getpid()
            if endpoint_url not in self._made:
                session = boto3_session.Session(self._access_key, self._secret_key, region_name=self._region)
                made = session.client("s3", endpoint_url=endpoint_url, config=_config(patient=self._breaker is None))
                engine_metrics.watch(made)
                if self._breaker:
                    self._breaker.watch(made)
                self._made[endpoint_url] = made
            return self._made[endpoint_url]


def _config(*, patient: bool) -> botocore_config.Config:
    """Returns how the store is asked. patient: by a command that reads the whole store; nobody waits for it, and a
    pause of the store must not undo its work.
    """
    return botocore_config.Config(
        signature_version="s3v4",
        # Of silence, not of a transfer: a request waits for a store that never answers 5 s at most, and asks it once.
        connect_timeout=10 if patient else 2,
        read_timeout=60 if patient else 3.5,  # after a second for « Expect: 100-continue », where there is a body
        retries={"mode": "standard", "total_max_attempts": 5 if patient else 3},
        max_pool_connections=32,
        tcp_keepalive=True,
        s3={
            "addressing_style": "path",  # a bucket in the host name needs a DNS that small stores do not have
            # Content-MD5 is signed and stands for the body; a SHA-256 of it besides is compared by few stores.
            "payload_signing_enabled": False,
        },
        # Trailing checksums, botocore's default, are refused or ignored by many stores: Content-MD5 is not.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
