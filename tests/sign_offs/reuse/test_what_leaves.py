"""What was taken leaves with the new candidacy: archive, own data, hand-over, dossier; each says whence it comes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from portfolio.audit.handing_over.hand_over import hand_over
from portfolio.audit.handing_over.scopes import OwnerKind
from portfolio.boards.own_data import own_data
from portfolio.documents import Attestation, Candidacy, Evidence, Person, Portfolio
from portfolio.evidence import deposit
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.sheet.dossiers import printing
from portfolio.store.connections import storage
from portfolio.store.outbox import DRAWINGS, deliver_due
from portfolio.submission import submit
from portfolio.submission.export import export
from tests.audit.handing_over.handed_over import Given
from tests.audit.handing_over.handed_over import verified as verified_folder
from tests.conftest import Clock
from tests.support.acts.archives import opened, read_json, verified
from tests.support.acts.printed_sheets import squeezed
from tests.support.backup_stores import seal_people
from tests.support.lives.repeating import enrolled_again, file_of, portfolio_of, take, worked
from tests.support.worlds.commissions import convened, transmitted
from tests.support.worlds.eliminations import eliminated, filled, full, published
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
ELSEWHERE = "0690027E"


def taken(world: World, *, elsewhere: bool) -> tuple[Portfolio, Evidence]:
    """A repeater's portfolio with a piece taken and a new one, and the piece taken. elsewhere: in another school."""
    piece = worked(world)
    portfolio = enrolled_again(world, world.new_school(ELSEWHERE) if elsewhere else None)
    (here,) = take(world, portfolio, piece)
    values = {"type_code": here.type_code, "title": "Nouvelle relance", "nature": "production"}
    deposit.add_piece(world.actor(world.candidate), portfolio_of_id(portfolio), values, world.clock())
    return portfolio_of_id(portfolio), here


def portfolio_of_id(portfolio: Portfolio) -> Portfolio:
    return Portfolio.objects.get(pk=portfolio.id)


def repeater(world: World) -> Any:
    return world.actor(Person.objects.get(pk=world.candidate.id))


def told_to(world: World, person: Person) -> dict[str, Any]:
    sections = own_data(world.actor(Person.objects.get(pk=person.id)))
    return {name: list(value) if isinstance(value, Iterator) else value for name, value in sections.items()}


def archive_of(world: World, portfolio: Portfolio) -> bytes:
    return b"".join(export(repeater(world), portfolio_of_id(portfolio), world.clock()).chunks)


def handed_over(world: World, folder: Path, uai: str) -> Given:
    seal_people(world)
    made = hand_over(OwnerKind.SCHOOL, uai, folder, world.clock())
    assert (made.faults, made.lost) == ([], [])
    done = verified_folder(given := Given(folder))
    assert done.returncode == 0, done.stdout
    return given


# --- the archive ------------------------------------------------------------------------------------


def test_the_archive_has_the_bytes_and_says_from_which_session(world: World, tmp_path: Path) -> None:
    portfolio, here = taken(world, elsewhere=True)
    submit.submit(repeater(world), portfolio, True, world.clock())
    archive = opened(archive_of(world, portfolio))
    archive.extractall(tmp_path)
    assert verified(tmp_path).returncode == 0
    first, second = read_json(archive, "donnees/preuves.json")
    came = {"session": "2027", "of": str(here.reused.of)}
    assert (first["reused"], second["reused"]) == (came, None)
    (file,) = first["files"]
    assert file["reused"] == {"session": "2027", "of": str(file_of(here).reused.of)}
    assert archive.read(file["path"]) == PDF
    (activity,) = read_json(archive, "donnees/activites.json")
    assert activity["reused"] == {"session": "2027", "of": str(world.activity.id)}
    answers = read_json(archive, "donnees/attestations.json")
    assert len(answers) == 2 and {answer["reused"]["session"] for answer in answers} == {"2027"}
    assert {answer["given_in"] for answer in answers} == {"Lycée Ampère, Lyon"}
    assert "reused" in archive.read("LISEZMOI.txt").decode()


def test_the_archive_of_the_first_session_says_nothing_of_the_second(world: World) -> None:
    piece = worked(world)
    before = opened(archive_of(world, portfolio_of(world.candidacy)))
    again = enrolled_again(world)
    take(world, again, piece)
    after = opened(archive_of(world, portfolio_of(world.candidacy)))
    for name in set(before.namelist()) - {"MANIFEST.json", "LISEZMOI.txt"}:
        assert before.read(name) == after.read(name), name


def test_the_archive_stays_whole_once_the_first_portfolio_is_eliminated(
    world: World, clock: Clock, tmp_path: Path
) -> None:
    first = full(world)
    published(world, clock, first)
    again = enrolled_again(world)
    take(world, again, Evidence.objects.get(candidacy=first.id))
    eliminated(world, clock)
    archive = opened(archive_of(world, again))
    archive.extractall(tmp_path)
    done = verified(tmp_path)
    assert done.returncode == 0, done.stdout
    assert read_json(archive, "MANIFEST.json")["absent"] == []
    assert [name for name in archive.namelist() if name.startswith("preuves/")] != []


# --- own data ---------------------------------------------------------------------------------------


def test_own_data_say_what_was_taken_and_from_which_session(world: World) -> None:
    portfolio, here = taken(world, elsewhere=True)
    told = told_to(world, world.candidate)
    assert told["preuves reprises d'une session antérieure"] == [
        {"preuve": here.id, "candidature": portfolio.candidacy, "session": "2027", "le": here.created_at}
    ]
    copies = list(Attestation.objects(candidacy=portfolio.candidacy).scalar("id"))
    rows = {row["_id"]: row for row in told["confirmations de mes activités"]}
    assert len(rows) == 4
    assert {rows[copy]["reused"]["session"] for copy in copies} == {"2027"}
    assert {rows[copy]["given_in"] for copy in copies} == {"Lycée Ampère, Lyon"}
    assert [row for key, row in rows.items() if "reused" in row and key not in copies] == []


def test_own_data_say_to_who_answered_that_their_answer_was_taken(world: World) -> None:
    portfolio, _ = taken(world, elsewhere=True)
    for person in (world.tutor, world.follower):
        rows = told_to(world, person)["confirmations données"]
        (copy,) = [row for row in rows if row["candidacy"] == portfolio.candidacy]
        assert copy["reused"]["session"] == "2027" and len(rows) == 2


# --- the hand-over ----------------------------------------------------------------------------------


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_school_is_given_what_its_repeater_took(world: World, tmp_path: Path, elsewhere: bool) -> None:
    portfolio, here = taken(world, elsewhere=elsewhere)
    submit.submit(repeater(world), portfolio, True, world.clock())
    given = handed_over(world, tmp_path / "given", ELSEWHERE if elsewhere else world.school.uai)
    index = {line["id"]: line for line in given.lines("fichiers/index.jsonl")}
    file = file_of(here)
    assert index[str(file.id)]["sha256"] == file.sha256
    assert (given.root / f"fichiers/{file.sha256}").read_bytes() == PDF
    rows = {row["id"]: row for row in given.rows("evidence")}
    assert rows[str(here.id)]["reused"] == {"of": str(here.reused.of), "session": "2027"}
    answers = [row for row in given.rows("attestations") if row["candidacy"] == str(portfolio.candidacy)]
    assert {answer["reused"]["session"] for answer in answers} == {"2027"} and len(answers) == 2
    text = (given.root / "donnees" / "listes" / "preuves.csv").read_text("utf-8-sig")
    header, *lines = csv.reader(text.splitlines(), delimiter=";")
    column = header.index("reprise de la session")
    said = {(line[1], line[6], line[column]) for line in lines}
    assert ("2028", here.title, "2027") in said and ("2028", "Nouvelle relance", "") in said
    assert {came for session, _, came in said if session == "2027"} <= {""}


def test_the_school_of_before_is_given_its_own_and_nothing_of_the_new_one(world: World, tmp_path: Path) -> None:
    portfolio, here = taken(world, elsewhere=True)
    given = handed_over(world, tmp_path / "given", world.school.uai)
    assert [row["session"] for row in given.rows("candidacies")] == ["2027"]
    for path in given.root.rglob("*.jsonl"):
        held = path.read_text()
        assert str(here.id) not in held and f'"candidacy":"{portfolio.candidacy}"' not in held, path


def test_a_hand_over_after_the_elimination_has_the_bytes_of_the_second(
    world: World, clock: Clock, tmp_path: Path
) -> None:
    filled(world)
    transmitted(world)
    published(world, clock, world.candidacy)
    again = enrolled_again(world)
    (here,) = take(world, again, Evidence.objects.get(candidacy=world.candidacy.id))
    eliminated(world, clock)
    given = handed_over(world, tmp_path / "given", world.school.uai)
    assert [line["piece"] for line in given.lines("fichiers/index.jsonl")] == [str(here.id)]


# --- the dossier ------------------------------------------------------------------------------------


def test_the_dossier_prints_the_pages_of_what_was_taken_and_whence_it_comes(world: World) -> None:
    portfolio, here = taken(world, elsewhere=False)
    submit.submit(repeater(world), portfolio, True, world.clock())
    commission = convened(world, Candidacy.objects.get(pk=portfolio.candidacy))
    asked = printing.ask(world.actor(world.follower), commission, world.clock())
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    document = pypdfium2.PdfDocument(b"".join(storage().open(asked.reload().key)))
    text = squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    wanted = (here.title, "lettre.pdf", "reprise de la session 2027", "Tuteur : confirmée")
    assert [words for words in wanted if squeezed(words) not in text] == []
    assert squeezed("n'est plus dans le portfolio") not in text
