"""A way to MongoDB on which everything works but change streams: whoever asks for one is cut off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

ASKED = b"$changeStream"


@contextmanager
def without_streams(uri: str) -> Iterator[str]:
    """Yields the address to give instead of `uri`, that of one server. Ends once whoever came by it has left."""
    parts = urlsplit(uri)
    account, _, server = parts.netloc.rpartition("@")
    host, _, port = server.partition(":")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=_accept, args=(listening, (host, int(port))))
        accepting.start()
        here = f"{account}@127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield urlunsplit(parts._replace(netloc=here, query=f"{parts.query}&directConnection=true"))
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listening: socket.socket, server: tuple[str, int]) -> None:
    with ExitStack() as leaving, ThreadPoolExecutor(64) as carrying:
        while True:
            try:
                client = leaving.enter_context(listening.accept()[0])
            except OSError:
                return
            there = leaving.enter_context(socket.create_connection(server))
            carrying.submit(_carry, client, there, ASKED)
            carrying.submit(_carry, there, client, None)


def _carry(source: socket.socket, target: socket.socket, refused: bytes | None) -> None:
    with suppress(OSError):
        while (data := source.recv(1 << 16)) and not (refused and refused in data):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
