"""The background worker: delivers the outbox, by the same domain functions. Kill it at any moment."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from types import FrameType

import structlog
from pymongo.errors import PyMongoError

from api.logs import speak_for_all
from config.settings import MissingSettings, Settings
from portfolio import mail, reconcile, uploads
from portfolio.connections import open_connections
from portfolio.errors import Unavailable
from portfolio.outbox import deliver_due

PAUSE_S = 0.5
TIDY_EVERY_S = 3600
HANDLERS = {"invitation": mail.send_invitation, "upload_removed": uploads.forget_upload}


def main() -> int:
    try:
        settings = Settings.from_environment(os.environ)
    except MissingSettings as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    speak_for_all(settings.log_level)
    open_connections(settings)
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    tidy_at = time.monotonic()
    while not ending.wait(PAUSE_S):
        try:
            deliver_due(HANDLERS, lambda: datetime.now(UTC))
            if time.monotonic() >= tidy_at:
                tidy_at = time.monotonic() + TIDY_EVERY_S
                _tidy()
        except (PyMongoError, Unavailable) as error:
            structlog.get_logger().warning("engine_down", kind=type(error).__name__)
    return 0


def _tidy() -> None:
    """Uploads that will never end; what deletes files is left to a person (`commands.py reconcile --cure`)."""
    tidied = sum(finding.cured for finding in reconcile.tidy_uploads(datetime.now(UTC), cure=True))
    if tidied:
        structlog.get_logger().info("uploads_tidied", count=tidied)


if __name__ == "__main__":
    sys.exit(main())
