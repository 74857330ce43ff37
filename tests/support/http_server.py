"""The application behind a real HTTP server on 127.0.0.1, within this process: with its store and its clock."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import HTTPServer
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ENDS = "served.ends"


@contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    """Its address, for as long as the block lasts; no request outlives it."""

    def closing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = application(environ, start_response)
        environ[ENDS].callback(getattr(answer, "close", lambda: None))
        yield from answer

    server = make_server("127.0.0.1", 0, closing, threaded=True, request_handler=_Handler)
    server.daemon_threads = False  # type: ignore[attr-defined]
    with running(server) as address:
        yield address


@contextmanager
def running(server: HTTPServer) -> Iterator[str]:
    """Its address; serves in a thread of its own for as long as the block lasts."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(WSGIRequestHandler):
    """Each piece leaves at once, and every answer is closed: Werkzeug forgets one whose reader hangs up at its end."""

    disable_nagle_algorithm = True
    timeout = 20  # a browser opens lines that it may never use

    def run_wsgi(self) -> None:
        with ExitStack() as self.ends:
            super().run_wsgi()

    def make_environ(self) -> WSGIEnvironment:
        return {**super().make_environ(), ENDS: self.ends}

    def log_request(self, *_: Any) -> None:
        """The site keeps its own account of requests."""
