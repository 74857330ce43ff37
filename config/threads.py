"""How a worker's threads are shared out: what gunicorn starts and what the application lets through at once agree."""

from __future__ import annotations

import os

AT_WORK = int(os.environ.get("WEB_THREADS", "8"))
WAITING = 32 * AT_WORK  # each for its turn: a class and more at once; a thread is made when it is needed
PROBING = 4  # for the probes that ask whether the process lives, when all others are taken
THREADS = AT_WORK + WAITING + PROBING
