"""gunicorn's settings: `gunicorn --config config/gunicorn.py wsgi:app`, in production as in `make run`.

The application is loaded before the fork, without a connection, and set aside from the collector: workers share its
memory, and none looks through it. Each worker opens connections of its own, after the fork (`web/serving.py`).
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from prometheus_client import values

from config.collector import set_aside
from config.renewal import LEFT, dismiss, hear_signals, hold_signals, renew, workers_left
from config.threads import THREADS

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", os.cpu_count() or 1))
worker_class = "gthread"  # a slow phone holds a thread, not a worker
threads = THREADS  # of which WEB_THREADS are at work at once (api/operation/turns.py)
preload_app = False  # `on_starting` loads: gunicorn's own way does it before there is a folder for the metrics

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


PLACES = ["master"]  # of this process, the last one


def on_starting(server: Any) -> None:
    """Loads the application, with the collector off: it would leave holes in pages that workers are to share. Metrics
    take their kind when they are made: the folder is there first.
    """
    hold_signals()
    kept = os.environ.get("PROMETHEUS_MULTIPROC_DIR") if LEFT in os.environ else None
    server.metrics_folder = kept or tempfile.mkdtemp(prefix="portfolio-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_folder
    values.ValueClass = values.MultiProcessValue(lambda: PLACES[-1])
    gc.disable()
    try:
        import_module("web.serving").load_whole()
    except BaseException:
        on_exit(server)
        raise
    set_aside()


def when_ready(server: Any) -> None:
    hear_signals()


def on_reload(server: Any) -> None:
    renew(server)


def pre_fork(server: Any, worker: Any) -> None:
    """Gives the worker the lowest free number (`place`). It counts in the files of that number, where its successor
    goes on: files named by pid would pile up.
    """
    worker.before = workers_left(server)
    taken = {other.place for other in server.WORKERS.values()} | set(worker.before.values())
    worker.place = next(place for place in itertools.count() if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    PLACES.append(str(worker.place))


def post_worker_init(worker: Any) -> None:
    """Turns the collector on, once what the worker made for itself is set aside too. Of a master that came by a reload,
    whichever worker serves first lets those before it go.
    """
    set_aside()
    gc.enable()
    dismiss(worker.before)


def on_exit(server: Any) -> None:
    shutil.rmtree(server.metrics_folder, ignore_errors=True)
