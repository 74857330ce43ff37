"""Structured logs: one JSON object per line on stderr, with request ids and nothing personal.

Texts of errors, of libraries and of the server itself may hold what somebody typed or where they came from: they are
replaced by where they were said. Imported by gunicorn's master, so nothing here may import a metric.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any, TextIO

import structlog
from gunicorn.glogging import Logger as GunicornLogger
from structlog.typing import EventDict

DEEPEST_FRAMES = 12
# What gunicorn says of itself, told whole: processes, signals, addresses it listens on.
SERVER_MESSAGES = (
    *("Starting gunicorn", "Listening at", "Connection in use", "Invalid address", "Using worker", "Handling"),
    *("Worker (pid", "Booting worker", "Worker exiting", "WORKER TIMEOUT", "Autorestarting", "Shutting down"),
)


def log_to_stderr(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_text_of_errors,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line in one write: processes share this file
        cache_logger_on_first_use=True,
    )


def take_over_logging(level: str) -> None:
    """Makes what libraries, warnings and a dying process would write a line of the log, from this level up. For whole
    processes.
    """
    log_to_stderr(level)
    root = logging.getLogger()
    root.handlers[:] = [LibraryHandler()]
    root.setLevel(logging.WARNING)
    warnings.showwarning = _warned
    sys.excepthook = _died
    sys.unraisablehook = lambda lost: _died(lost.exc_type, lost.exc_value, lost.exc_traceback)
    threading.excepthook = lambda failed: _died(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _without_text_of_errors(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Returns the event with an error replaced by the places it passed through; its values and its text may be
    somebody's.
    """
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-DEEPEST_FRAMES:]]
    return event


class LibraryHandler(logging.Handler):
    """Logs which library wrote, from where, about which kind of error; never its text."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"library": record.name, "line": f"{record.pathname}:{record.lineno}"}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            fields |= {"kind": type(error).__name__, "exc_info": error}
        structlog.get_logger().log(record.levelno, "library_said", **fields)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    structlog.get_logger().warning("library_warned", kind=category.__name__, line=f"{filename}:{lineno}")


def _died(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    structlog.get_logger().critical("died", kind=kind.__name__, exc_info=error)


class ServerLog(GunicornLogger):
    """Writes gunicorn's messages as JSON, without the request lines, headers and addresses that it would repeat."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        log_to_stderr(logging.getLevelName(self.loglevel))
        self.error_log.handlers[:] = [_ServerHandler()]

    def access(self, *_: object) -> None:
        """Writes nothing, even where it is asked for: addresses and tokens. The application logs each request."""


class _ServerHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        words = str(record.msg)
        fields: dict[str, Any] = {}
        if words.startswith(SERVER_MESSAGES):
            fields["words"] = record.getMessage()
        elif words.startswith("Invalid request"):
            fields["words"] = "Invalid request"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            fields |= {"kind": type(error).__name__, "exc_info": error}
        structlog.get_logger().log(record.levelno, "server_said", **fields)
