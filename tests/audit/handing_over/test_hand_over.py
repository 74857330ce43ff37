"""What a school is handed over is read by its description alone, and is what the database holds of it, and no more."""

from __future__ import annotations

import csv
import json
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.client_session import ClientSession

from portfolio.audit.handing_over import proofs
from portfolio.audit.handing_over.folder import HandOverFolder
from portfolio.audit.handing_over.hand_over import hand_over
from portfolio.audit.handing_over.lists_for_people import PIECES, SHEETS
from portfolio.audit.handing_over.rows import KIND
from portfolio.audit.handing_over.scopes import GIVEN, NOT_GIVEN, Owner, OwnerKind
from portfolio.boards.stored_fields import stored_fields
from portfolio.documents import Evidence, EvidenceFile, Person
from portfolio.documents.commissions import SheetState
from portfolio.documents.portfolios import PieceState
from portfolio.enrolment.deadline import deadline_of
from portfolio.store.connections import Connections, storage
from tests.audit.conftest import OTHER, SCHOOL
from tests.audit.handing_over.handed_over import Given, run, verified
from tests.conftest import Clock
from tests.support.backup_stores import seal_people
from tests.support.worlds import commissions, eliminations
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


# --- all of it, and no more -------------------------------------------------------------------------------


def test_by_its_description_alone_it_is_what_the_database_holds(
    given: Given, two_schools: World, store: Connections
) -> None:
    database, school = store.database, two_schools.school.id
    assert given.digests() == given.measured()

    for collection in given.description["collections"]:
        rows = given.rows(collection)
        assert len(rows) == given.description["collections"][collection]["count"]
        assert {name for row in rows for name in row} <= given.fields(collection)
        if collection not in ("academies", "schools", "persons", "account_changes", "outbox", "evidence_versions"):
            assert {row["id"] for row in rows} == {
                str(row["_id"]) for row in database[collection].find({"school": school})
            }

    sheets = {sheet["number"]: sheet["digest"] for sheet in database.sheets.find({"school": school})}
    assert len(sheets) == 1
    assert {row["number"]: row["digest"] for row in given.rows("sheets")} == sheets
    for number, digest in sheets.items():
        assert given.digests()[f"papiers/fiches/fiche-{number}.json"] == digest
        assert (given.root / f"papiers/fiches/fiche-{number}.pdf").read_bytes().startswith(b"%PDF")
        assert (given.root / f"papiers/fiches/fiche-{number}.xlsx").read_bytes().startswith(b"PK")
    for submission in database.submissions.find({"school": school}):
        assert submission["digest"] in given.digests().values()
    assert len([path for path in given.digests() if path.endswith("-remise-1-accuse.pdf")]) == 1

    stored = [*database.files.find({"school": school, "state": "verified"}), *database.paper_scans.find()]
    index = list(given.lines(given.description["files"]["index"]["path"]))
    assert {line["id"]: line["sha256"] for line in index} == {str(row["_id"]): row["sha256"] for row in stored}
    assert all(given.digests()[f"fichiers/{row['sha256']}"] == row["sha256"] for row in stored)

    candidacy, person = two_schools.candidacy.id, two_schools.candidate.id
    theirs = [f"{kind}:{candidacy}" for kind in ("portfolio", "assessment", "access", "formative")]
    counted = Counter(link["chain"] for link in given.links())
    for chain in (*theirs, f"school:{school}", f"person:{person}"):
        assert counted[chain] == database.events.count_documents({"chain": chain})
    assert counted[theirs[0]] > 5 and counted[theirs[1]] > 5
    heads = {head["chain"]: head["seq"] for head in given.lines("preuves/tetes.jsonl")}
    assert heads == counted


def test_the_lists_are_for_people(given: Given, two_schools: World) -> None:
    for told in given.description["lists"]:
        text = (given.root / told["path"]).read_text("utf-8-sig")
        header, *rows = csv.reader(text.splitlines(), delimiter=";")
        assert header == told["columns"] and rows
        assert {row[2] for row in rows} == {two_schools.candidacy.candidate_number}


def test_the_list_of_pieces_marks_what_came_after_the_deadline(
    world: World, clock: Clock, tmp_path: Path, as_operator: Callable[..., None]
) -> None:
    world.new_piece(title="À temps")
    clock.now = deadline_of(world.candidacy) + timedelta(days=1, hours=1)
    world.new_piece(title="Ensuite")
    done = run("--school", world.school.uai, tmp_path / "given")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "given" / "donnees" / "listes" / "preuves.csv").read_text("utf-8-sig")
    header, *rows = csv.reader(text.splitlines(), delimiter=";")
    assert header[9] == "déposée après la date limite, le"
    assert [(row[6], row[7], row[9]) for row in rows] == [
        ("À temps", "complète", ""),
        ("Ensuite", "complète", "08/05/2027 19:00"),
    ]
    assert set(PIECES) == set(PieceState) and set(SHEETS) == set(SheetState)


def test_nothing_of_another_school_is_in_it(given: Given, two_schools: World, store: Connections) -> None:
    def texts(collection: str, school: Any) -> set[str]:
        rows = store.database[collection].find({"school": school} if collection != "persons" else {"schools": [school]})
        return {text for row in rows for text in leaves(row) if len(text) > 7}

    def leaves(value: object) -> Iterator[str]:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from leaves(inner)
        if not isinstance(value, dict | list):
            yield str(value)

    other = store.database.schools.find_one({"uai": OTHER})["_id"]
    placed = [name for name in GIVEN if name not in ("academies", "schools", "juries", "evidence_versions", "outbox")]
    ours = {text for name in placed for text in texts(name, two_schools.school.id)}
    theirs = {text for name in placed for text in texts(name, other)} - ours
    theirs |= {str(row["_id"]) for name in placed for row in store.database[name].find({"school": other}, {"_id": 1})}
    assert len(theirs) > 40 and "Recours ailleurs" in theirs
    for path in (*given.root.rglob("*.json"), *given.root.rglob("*.jsonl")):
        held = path.read_text()
        if path.name == "journal.jsonl":  # the one thing told of others: the link that was written just before
            held = "".join(json.dumps(link | {"witness": None}) for link in given.links())
        assert not [text for text in theirs if text in held], path


def test_of_who_has_rights_elsewhere_only_those_of_here_are_given(given: Given, two_schools: World) -> None:
    both = Person.objects.get(family_name="Partagée")
    (row,) = [row for row in given.rows("persons") if row["id"] == str(both.id)]
    assert [grant["school"] for grant in row["grants"]] == [str(two_schools.school.id)] == row["schools"]
    assert row.keys() == {"id", "email", "family_name", "given_names", "grants", "schools"}
    assert given.description["collections"]["persons"]["sealed"].keys() == {"address", "name"}
    alone = [other for other in given.rows("persons") if other["id"] == str(two_schools.candidate.id)]
    assert [other["state"] for other in alone] == ["active"]
    assert f"person:{both.id}" not in {link["chain"] for link in given.links()}


def test_no_secret_leaves(given: Given, store: Connections) -> None:
    held = [path.read_bytes() for path in given.root.rglob("*") if path.is_file()]
    secrets = {row["password"] for row in store.database.persons.find({"password": {"$ne": None}})}
    secrets |= {row["token_hash"] for row in store.database.sign_ins.find()}
    secrets |= {row["nonce"] for row in store.database.invitations.find()}
    secrets |= {*store.settings.chain_key, *store.settings.secret_key}
    assert len(secrets) > 4
    assert not [secret for secret in secrets for text in held if secret.encode() in text]
    assert given.description["collections"]["persons"]["left_out"].keys() >= {"password", "totp"}
    assert given.description["collections"]["sheets"]["left_out"].keys() >= {"signatures.network", "signatures.device"}
    assert stat.S_IMODE(given.root.stat().st_mode) == 0o700


def test_every_collection_is_given_or_said_not_to_be(store: Connections) -> None:
    stored = {name for name in store.database.list_collection_names() if not name.startswith("system.")}
    assert {*GIVEN, *NOT_GIVEN} == stored | {*KIND, "presences", "printed_dossiers", "unpackings"}
    assert not set(GIVEN) & set(NOT_GIVEN)
    kinds = {KIND[name].__name__ for name in GIVEN} | {"Link", "Chain", "Anchor", "AnchoredHeads"}
    assert set(stored_fields().exports["hand-over"].kinds) == kinds


def test_an_academy_is_given_its_schools_and_juries(
    two_schools: World, tmp_path: Path, store: Connections, as_operator: Callable[..., None]
) -> None:
    done = run("--academy", two_schools.academy.code, tmp_path / "given")
    assert done.exit_code == 0, done.output
    given = Given(tmp_path / "given")
    assert {row["uai"] for row in given.rows("schools")} == {SCHOOL, OTHER}
    assert len(given.rows("candidacies")) == store.database.candidacies.count_documents({}) == 2
    assert len(given.rows("juries")) == 1
    chain = f"jury:{two_schools.jury.id}"
    count = Counter(link["chain"] for link in given.links())[chain]
    assert count == store.database.events.count_documents({"chain": chain}) > 1
    assert verified(given).returncode == 0


# --- whatever happened before, or meanwhile -----------------------------------------------------------------


def handed_over(world: World, tmp_path: Path) -> Given:
    made = hand_over(OwnerKind.SCHOOL, SCHOOL, tmp_path / "given", world.clock())
    assert made.faults == []
    given = Given(tmp_path / "given")
    done = verified(given)
    assert done.returncode == 0, done.stdout
    return given


def test_what_was_eliminated_stays_eliminated(world: World, clock: Clock, tmp_path: Path) -> None:
    eliminations.filled(world)
    commissions.transmitted(world)
    eliminations.published(world, clock, world.candidacy)
    eliminations.eliminated(world, clock)
    seal_people(world)
    given = handed_over(world, tmp_path)
    assert [row["state"] for row in given.rows("portfolios")] == ["eliminated"]
    assert (given.rows("evidence"), given.rows("submissions")) == ([], [])
    assert len(given.rows("sheets")) == len(given.rows("elimination_slips")) == 1
    assert [path for path in given.digests() if path.startswith("fichiers/")] == [
        "fichiers/index.csv",
        "fichiers/index.jsonl",
    ]


def test_uploads_that_were_refused_or_are_on_their_way_are_told_and_have_no_content(
    busy: World, tmp_path: Path
) -> None:
    given = handed_over(busy, tmp_path)
    states = Counter(row["state"] for row in given.rows("files"))
    assert states == {"verified": 2, "quarantined": 1, "pending": 1}
    assert len(list(given.lines("fichiers/index.jsonl"))) == 2
    assert not [row for row in given.rows("files") if "upload_id" in row]


def test_rows_and_links_are_of_one_moment(busy: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = proofs.write_journal

    def with_somebody_at_work(folder: HandOverFolder, owner: Owner, session: ClientSession) -> Any:
        busy.new_piece(title="Pendant la remise")
        return real(folder, owner, session)

    monkeypatch.setattr(proofs, "write_journal", with_somebody_at_work)
    before = Evidence.objects.count()
    given = handed_over(busy, tmp_path)
    assert len(given.rows("evidence")) == before == Evidence.objects.count() - 1
    added = [link for link in given.links() if link["name"] == "evidence_added"]
    assert len(added) == before


# --- refused ----------------------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_refused_and_nothing_is_left_of_a_failure(
    two_schools: World, tmp_path: Path, as_operator: Callable[..., None]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").touch()
    refused = run("--school", SCHOOL, tmp_path / "full")
    assert refused.exit_code == 1 and "n'est pas vide" in refused.output
    unknown = run("--school", "0000000A", tmp_path / "new")
    assert unknown.exit_code == 1 and "L'établissement 0000000A n'est pas connu ici" in unknown.output
    assert run("--school", SCHOOL, "--academy", "10", tmp_path / "new").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_file_whose_content_was_lost_is_named_and_the_rest_is_given(
    two_schools: World, tmp_path: Path, as_operator: Callable[..., None]
) -> None:
    file = EvidenceFile.objects(school=two_schools.school.id).first()
    storage().delete(file.key)
    done = run("--school", SCHOOL, tmp_path / "given")
    assert done.exit_code == 1 and str(file.id) in done.output
    given = Given(tmp_path / "given")
    assert given.description["files"]["lost"] == [str(file.id)]
    assert given.digests() == given.measured()
    assert verified(given).returncode == 0
