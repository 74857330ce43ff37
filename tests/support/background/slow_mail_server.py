"""A mail server that keeps each mail waiting for its answer, and takes as many at once as come."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast


class SlowMailServer(ThreadingTCPServer):
    """delay_s: between a mail and its answer. arrived: the Message-ID of each, in the order of their answers."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100

    def __init__(self, delay_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.delay_s = delay_s
        self.arrived: list[str] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(StreamRequestHandler):
    def handle(self) -> None:
        server = cast(SlowMailServer, self.server)
        self.wfile.write(b"220 ready\r\n")
        while words := self.rfile.readline():
            if words.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                time.sleep(server.delay_s)
                server.arrived += re.findall(r"(?im)^Message-ID:\s*(<\S+>)", b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if words.upper().startswith(b"QUIT") else b"250 so be it\r\n")


@contextmanager
def slow_mail_server(delay_s: float) -> Iterator[SlowMailServer]:
    with SlowMailServer(delay_s) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()
