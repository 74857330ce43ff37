"""Forty files of a shared drive are forty sorted pieces in two forms: one brings them, one sorts them."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Evidence
from tests.support.containers import zipped
from tests.support.filling import fill
from tests.support.worlds.unpackings import pieces_of, unpacked, work
from tests.support.worlds.world import World
from tests.web.candidate.test_refused_files import words


def fields_of(pieces: list[Evidence], folders: list[str], **more: Any) -> dict[str, Any]:
    """What the page sends of these pieces, each in a folder of this rank."""
    hidden: dict[str, Any] = {"piece": [str(piece.id) for piece in pieces]}
    for piece, folder in zip(pieces, folders, strict=True):
        hidden |= {f"revision-{piece.id}": str(piece.revision), f"folder-{piece.id}": folder}
    return hidden | more


def test_forty_files_are_forty_sorted_pieces_in_two_forms(world: World, client: FlaskClient) -> None:
    assert world.activity.id
    files = {f"Stage/C4{2 + number % 2}/Relance {number}.txt": f"Relance {number}" for number in range(40)}
    bring, sort = f"/portfolio/{world.candidacy.id}/archives", f"/portfolio/{world.candidacy.id}/tri"
    fill(client, bring, "archive", files=(io.BytesIO(zipped(files)), "travaux.zip"))
    work(world)
    page = words(client.get(sort).text)
    assert "40 preuves attendent" in page and "parle de C42" in page and "parle d'une entreprise" in page
    pieces = pieces_of(world)
    ranks = ["0" if piece.title.endswith(("0", "2", "4", "6", "8")) else "1" for piece in pieces]
    odd = str(pieces[3].id)
    said = {"type-0": "WP1", "type-1": "REF1", f"type-{odd}": "WP1", f"competences-{odd}": ["C44"]}
    for rank in ("0", "1"):
        said |= {f"activity-{rank}": str(world.activity.id), f"situation-{rank}": "reelle"}
    said |= {"competences-0": ["C42"], "competences-1": ["C43", "C1"]}
    told = fill(client, sort, "sorting", **fields_of(pieces, ranks, **said))
    assert told.status_code == 303 and told.location.endswith("/preuves")
    pieces = pieces_of(world)
    assert {piece.activity for piece in pieces} == {world.activity.id}
    assert [proof.competence for proof in pieces[0].competences] == ["C42"]
    assert [proof.competence for proof in pieces[1].competences] == ["C43", "C1"]
    assert ([proof.competence for proof in pieces[3].competences], pieces[3].type_code) == (["C44"], "WP1")
    assert "rien n'est à trier" in words(client.get(sort).text)


def test_what_was_typed_is_shown_again_where_a_piece_moved(world: World, client: FlaskClient) -> None:
    unpacked(world, zipped({"a.txt": "un", "b.txt": "deux"}))
    sort = f"/portfolio/{world.candidacy.id}/tri"
    pieces = pieces_of(world)
    sent = fields_of(pieces, ["0", "0"], **{"type-0": "WP1"}) | {f"revision-{pieces[0].id}": "999"}
    refused = fill(client, sort, "sorting", **sent)
    assert refused.status_code == 422
    assert "Cette preuve a changé entre-temps" in words(refused.text)
    assert '<option value="WP1" selected>' in refused.text
    assert {piece.type_code for piece in pieces_of(world)} == {"TRI1"}


def test_nothing_said_is_asked_for(world: World, client: FlaskClient) -> None:
    unpacked(world, zipped({"a.txt": "un"}))
    refused = fill(client, f"/portfolio/{world.candidacy.id}/tri", "sorting", **fields_of(pieces_of(world), ["0"]))
    assert refused.status_code == 422 and "Choisissez au moins un type" in words(refused.text)
