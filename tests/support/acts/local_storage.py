"""Reaches the local store of objects, or one that misbehaves."""

from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from tests.support.both_stores import storage_at
from tests.support.http_server import running


def local_storage_at(endpoint_url, settings, **changed):
    public = {"public_endpoint_url": endpoint_url.replace("127.0.0.1", "localhost")}
    return storage_at(endpoint_url, settings, **public | changed)


@contextmanager
def serving(handler):
    with running(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield address


def content(storage, key):
    return b"".join(storage.open(key))
