"""The object store as the application meets it when it is down."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portfolio.store import connections
from portfolio.store.objects.bucket import Storage


@contextmanager
def store_down() -> Iterator[None]:
    """Within this block the store's address refuses connections; MongoDB stays."""
    opened = connections.current()
    with socket.socket() as reserved:  # bound and never listening: nobody else answers on this port
        reserved.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        settings = opened.settings
        nowhere = Storage(
            endpoint_url=address,
            public_endpoint_url=address,
            bucket=settings.s3_bucket,
            access_key=settings.s3_access_key_id,
            secret_key=settings.s3_secret_access_key,
            region=settings.s3_region,
        )
        connections._opened.append(replace(opened, storage=nowhere))
        try:
            yield
        finally:
            connections._opened.pop()
