"""`make demo`: the whole journey over HTTP on free ports, from an empty store to published marks."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from config.embedded import Engines
from config.processes import free_port
from portfolio.store.connections import close_connections
from rehearsal.demo import appraisal, lists, lives, on_paper, portfolio_work, school_year, two_academies, two_years
from rehearsal.demo.http import Person, Unexpected, expect
from rehearsal.demo.stage import PASSWORD, Stage
from rehearsal.service import Service, environment_of, prepare

# The first two, before any academy is open: what one gives, the other confirms.
ADMINISTRATOR = ("alex.administration@fictif.example", "Administration", "Alex")
SECOND = ("dany.administration@fictif.example", "Administration", "Dany")


def play(out: Path, say: Callable[[str], None], clock: str, zone: str) -> int:
    """Plays everything and leaves the artefacts in `out`. Exit code 0 only if every expectation held.

    clock: as of `rehearsal.clock.shift`. zone: of the academy, one of `people.ACADEMIES`.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="e5-demo-") as folder:
        data = Path(folder)
        start = time.perf_counter()
        port = free_port()
        with Engines.start(data, expiring=not clock) as engines:
            environment = environment_of(engines, port, clock) | {"GATHERED_S": "1"}
            at = prepare(environment, zone).now()
            close_connections()
            create_administrators(environment)
            service = Service(environment, port)
            try:
                service.await_answer()
                stage = Stage(service.address, data, out, say, at=at, zone=zone)
                stage.timings.append({"step": "start", "seconds": round(time.perf_counter() - start, 3)})
                return _play_on(stage, environment)
            finally:
                service.stop()


def create_administrators(environment: dict[str, str]) -> None:
    full = {**os.environ, **environment, "ADMINISTRATOR_PASSWORD": PASSWORD}
    for email, family_name, given_names in (ADMINISTRATOR, SECOND):
        names = ("--email", email, "--family-name", family_name, "--given-names", given_names)
        command = [sys.executable, "commands.py", "create-administrator", *names]
        subprocess.run(command, env=full, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def enter_administrators(stage: Stage) -> None:
    for name, (email, *_) in (("administrator", ADMINISTRATOR), ("second", SECOND)):
        stage.people[name] = Person(stage.address, email, PASSWORD)


def _play_on(stage: Stage, environment: dict[str, str]) -> int:
    stage.say(f"Le parcours, sur {stage.address}")
    enter_administrators(stage)
    try:
        school_year.play(stage)
        two_years.play(stage)
        two_academies.play(stage)
        portfolio_work.play(stage)
        appraisal.play(stage)
        two_years.check_published(stage)
        two_academies.check_published(stage)
        on_paper.play(stage)
        lists.play(stage)
        lives.play(stage)
        with stage.step("chains_verified", "La commande de vérification relit toutes les chaînes"):
            command = [sys.executable, "commands.py", "verify"]
            done = subprocess.run(command, env={**os.environ, **environment}, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
            expect(done.returncode == 0, "une chaîne est en défaut")
        _check_artefacts(stage)
    except Unexpected as unexpected:
        stage.say(f"ÉCHEC : {unexpected}")
        return 1
    finally:
        stage.leave("timings.json", json.dumps(stage.timings, indent=1).encode())
    stage.say(f"Tout est vrai. Artefacts dans {stage.out}/")
    return 0


def _check_artefacts(stage: Stage) -> None:
    for name in ("sheet.pdf", "sheet.xlsx", "sheet.json", "mark-list.csv", "portfolio.zip"):
        expect((stage.out / name).stat().st_size > 200, f"{name} est vide")
    rows = list(csv.reader(io.StringIO((stage.out / "mark-list.csv").read_text("utf-8-sig")), delimiter=";"))
    expect(len(rows) == 4, "le bordereau a une ligne par fiche, et par situation sans appréciation")
