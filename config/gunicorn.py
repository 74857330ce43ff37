"""gunicorn's settings: `gunicorn --config config/gunicorn.py wsgi:app`, in production as in `make run`.

Each worker opens its own connections, since nothing of the application is loaded before the fork.
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import values

from config.threads import THREADS

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 1))
worker_class = "gthread"  # a slow phone holds a thread, not a worker
threads = THREADS  # of which WEB_THREADS are at work at once (api/operation/turns.py)
preload_app = False

timeout = 60  # a worker whose main loop is silent for so long is ended; a long upload is not
graceful_timeout = 30  # what a restart leaves to the requests in hand
keepalive = 75  # longer than the proxy keeps an idle connection, so that it is the proxy who closes
max_requests = 20_000  # memory that creeps is given back, one worker at a time
max_requests_jitter = 4_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat must not wait for a disk

# Whom to believe about addresses and schemes is said once, by TRUSTED_HOPS: gunicorn believes nobody.
forwarded_allow_ips = ""
control_socket_disable = True

accesslog = None  # the application writes one line per request, without addresses
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()
logger_class = "api.operation.logs.ServerLog"
proc_name = "portfolio-e5"


def on_starting(server: Any) -> None:
    server.metrics_folder = tempfile.mkdtemp(prefix="portfolio-metrics-")


def pre_fork(server: Any, worker: Any) -> None:
    """Gives the worker the lowest free number (`place`). It counts in the files of that number, where its successor
    goes on: files named by pid would pile up.
    """
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in itertools.count() if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Sets the folder and the file of the worker's metrics, before the application is loaded: a metric takes its kind
    when it is made.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_folder
    values.ValueClass = values.MultiProcessValue(lambda: worker.place)


def post_worker_init(worker: Any) -> None:
    """Sets aside what the application loaded: it stays as long as the process, and looking through it for what could
    go cost a view of a long sheet a third of its time.
    """
    gc.collect()
    gc.freeze()


def on_exit(server: Any) -> None:
    shutil.rmtree(server.metrics_folder, ignore_errors=True)
