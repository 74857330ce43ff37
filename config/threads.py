"""How a worker's threads are shared out: what gunicorn starts and what the application lets through at once agree."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Shares:
    """Of one worker: how many requests work at once and how many wait for their turn; deposits apart from all others,
    and of the verifications of their files, apart from both, how many go at once and how many there are in all. Each
    holds a thread, which is made when it is first needed.
    """

    at_work: int
    waiting: int
    depositing: int
    deposits_waiting: int
    verifying: int
    verifications: int


def _shares() -> Shares:
    at_work, depositing = _count("WEB_THREADS", 8), _count("WEB_DEPOSITS", 1)
    verifying = depositing + 1  # one that is long leaves the way to another
    return Shares(at_work, 24 * at_work, depositing, 32 * at_work, verifying, verifying + at_work)


def _count(name: str, usual: int) -> int:
    """Returns a number of the environment, the usual one where it says none; ends the process in words otherwise: with
    0, requests would wait for ever.
    """
    said = os.environ.get(name) or str(usual)
    if not (said.isascii() and said.isdigit() and int(said)):
        sys.exit(f"{name} : un nombre entier est attendu, 1 au moins.")
    return int(said)


SHARES = _shares()
PROBING = 4  # for the probes that ask whether the process lives, when all others are taken
DEPOSITS = SHARES.depositing + SHARES.deposits_waiting + SHARES.verifications
THREADS = SHARES.at_work + SHARES.waiting + DEPOSITS + PROBING
