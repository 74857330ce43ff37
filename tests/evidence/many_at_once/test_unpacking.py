"""An archive of a year of work becomes its pieces, once, whatever is sent again, killed or damaged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.documents import Evidence, EvidenceFile, Link, Unpacking
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotFound
from portfolio.evidence.many_at_once import asked
from portfolio.files import archives
from portfolio.store.connections import Connections
from tests.support import specimens
from tests.support.acts.sending import run_errands, stored
from tests.support.containers import zipped
from tests.support.worlds.unpackings import numbered, outcomes, pieces_of, sent, unpacked, work
from tests.support.worlds.world import PDF, World


def test_each_file_becomes_a_piece_named_by_it_and_verified(world: World) -> None:
    done = unpacked(world, zipped(numbered(11)))

    assert (done.count, done.done_at, done.reason) == (11, world.clock(), None)
    pieces = pieces_of(world)
    assert [piece.title for piece in pieces] == [f"Relance {number}" for number in range(1, 12)]
    assert {entry.piece for entry in done.entries} == {piece.id for piece in pieces}
    files = list(EvidenceFile.objects(evidence__in=[piece.id for piece in pieces]))
    assert {(file.state, file.kind) for file in files} == {("verified", "txt")}
    assert len(files) == 11
    assert done.entries[1].folder == "Travaux/Semaine 2"


def test_the_archive_itself_leaves_nothing(world: World) -> None:
    archive = sent(world, zipped({"a.pdf": PDF}))
    asked.ask(world.actor(world.candidate), archive, world.clock())
    work(world)
    assert stored(archive).removed_at is not None
    assert Evidence.objects.get(pk=archive.evidence).withdrawn_at is not None


def test_the_same_archive_again_changes_nothing_and_says_so(world: World) -> None:
    first = unpacked(world, zipped(numbered(5)))
    before = {piece.id: piece.revision for piece in pieces_of(world)}
    again = unpacked(world, zipped(numbered(5)))
    assert {outcome for outcome, _ in outcomes(again).values()} == {"present"}
    assert [entry.piece for entry in again.entries] == [entry.piece for entry in first.entries]
    assert {piece.id: piece.revision for piece in pieces_of(world)} == before


def test_an_amended_file_is_a_piece_more_and_names_the_earlier_one(world: World) -> None:
    first = unpacked(world, zipped({"suivi.pdf": PDF, "autre.pdf": PDF + b"%"}))
    again = unpacked(world, zipped({"suivi.pdf": PDF + b"% amended", "autre.pdf": PDF + b"%"}))
    suivi, autre = again.entries
    assert (suivi.outcome, suivi.earlier) == ("made", first.entries[0].piece)
    assert (autre.outcome, autre.earlier) == ("present", None)
    assert len(pieces_of(world)) == 3


def test_each_file_that_is_refused_says_why_as_if_it_were_sent_alone(world: World) -> None:
    done = unpacked(
        world,
        zipped(
            {
                "bon.pdf": PDF,
                "double.pdf": PDF,
                "vide.pdf": b"",
                "outil.exe": specimens.WINDOWS_PROGRAM,
                "dedans.zip": zipped({"b.pdf": PDF}),
                "faux.docx": PDF,
                "macros.docx": specimens.word_with_macros(),
                "__MACOSX/._bon.pdf": b"x",
                "photos/Thumbs.db": b"x",
                "../../etc/passwd.pdf": PDF + b"%",
            }
        ),
    )
    assert outcomes(done) == {
        "bon.pdf": ("made", None),
        "double.pdf": ("present", None),
        "vide.pdf": ("refused", "empty_file"),
        "outil.exe": ("refused", "executable_file"),
        "dedans.zip": ("refused", "archive_file"),
        "faux.docx": ("refused", "type_mismatch"),
        "macros.docx": ("refused", "macros_in_file"),
        "__MACOSX/_bon.pdf": ("left_out", None),
        "photos/Thumbs.db": ("left_out", None),
        "etc/passwd.pdf": ("made", None),
    }
    assert all(entry.reason.endswith(".") for entry in done.entries if entry.outcome == "refused")
    assert len(pieces_of(world)) == 2
    assert EvidenceFile.objects(candidacy=world.candidacy.id, state=FileState.QUARANTINED, removed_at=None).count() == 0


def test_a_damaged_file_is_refused_alone(world: World) -> None:
    whole = zipped({"a.txt": b"a" * 40 + bytes(range(65, 90)), "b.txt": b"intact"})
    at = whole.index(b"a.txt") + len("a.txt") + 4
    done = unpacked(world, whole[:at] + b"\xff\xff\xff" + whole[at + 3 :])
    assert outcomes(done) == {"a.txt": ("refused", "torn_file"), "b.txt": ("made", None)}


def test_an_archive_of_too_many_files_says_so_and_makes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    done = unpacked(world, zipped(numbered(3)))
    assert (done.reason_code, done.done_at, pieces_of(world)) == ("too_many_packed", world.clock(), [])
    assert "2 au plus" in done.reason


def test_only_an_archive_is_unpacked_and_only_by_its_owner(world: World) -> None:
    by = world.actor(world.candidate)
    file = world.upload(world.new_piece())
    with pytest.raises(asked.NothingToUnpack):
        asked.ask(by, file, world.clock())
    archive = sent(world, b"Rar!\x1a\x07" + bytes(2000), "travaux.rar")
    with pytest.raises(asked.NothingToUnpack):
        asked.ask(by, archive, world.clock())
    with pytest.raises(NotFound):
        asked.ask(world.actor(world.tutor), sent(world, zipped({"a.pdf": PDF})), world.clock())


def test_asked_twice_it_is_unpacked_once(world: World) -> None:
    archive = sent(world, zipped(numbered(2)))
    by = world.actor(world.candidate)
    once = asked.ask(by, archive, world.clock())
    assert asked.ask(by, archive, world.clock()).id == once.id
    work(world)
    assert asked.ask(by, archive, world.clock()).id == once.id
    assert len(pieces_of(world)) == 2


# --- what is recorded -----------------------------------------------------------------------------


def test_who_asked_and_what_came_of_it_is_in_the_journal_without_a_name(world: World, connections: Connections) -> None:
    unpacked(world, zipped({"Dupont Marie.pdf": PDF}))
    run_errands(world)
    links = list(Link.objects(chain=f"portfolio:{world.candidacy.id}", name__startswith="unpacking"))
    assert [link.name for link in links] == ["unpacking_asked", "unpacking_ended"]
    assert links[1].data["made"] == 1
    rows = list(connections.database.outbox.find({"kind": "unpack"}))
    assert "Dupont" not in str(rows) + str([link.data for link in links])
    assert timedelta(days=59) < Unpacking.objects.get().expires_at - world.clock() <= timedelta(days=60)
