"""Pieces on the pages of a candidate: deposited, filled in, mapped, advised on."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import class_results, feedback
from portfolio.store.connections import Connections
from tests.support.browser.addresses import of
from tests.support.filling import HTML, fill, form_of, shown
from tests.support.worlds.world import PDF, World
from web.candidate.deposit import BESIDE_FILES


def file(name: str, data: bytes = PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def test_two_files_in_one_form_are_one_piece_and_each_keeps_its_own_fate(world: World, client: FlaskClient) -> None:
    answer = fill(client, of(world), "deposit", files=[file("lettre.pdf"), file("outil.exe", b"MZ" + bytes(99))])
    piece = Evidence.objects.get()
    assert (answer.status_code, answer.location) == (303, f"/portfolio/preuve/{piece.id}")
    assert {one.name: one.state for one in EvidenceFile.objects} == {
        "lettre.pdf": "verified",
        "outil.exe": "quarantined",
    }
    page = shown(client, answer.location)
    assert "a été refusé" in page and "Les programmes et les scripts" in page
    assert "le type de preuve" in page and "Retirer ce fichier" in page


def test_a_form_sent_twice_deposits_once(world: World, client: FlaskClient) -> None:
    form = form_of(shown(client, of(world)), "deposit")
    for _ in range(2):
        sent = form["fields"] | {"files": file("lettre.pdf")}
        assert client.post(form["action"], data=sent, headers=HTML).status_code == 303
    assert (Evidence.objects.count(), EvidenceFile.objects.count()) == (1, 1)


def test_a_file_of_several_parts_goes_through_a_form(world: World, client: FlaskClient, store: Connections) -> None:
    data = b"ligne de texte simple\n" * (store.settings.part_bytes // 22 + 1000)
    form = form_of(shown(client, of(world)), "deposit")
    boundary, body = encode_multipart(form["fields"] | {"files": FileStorage(*file("journal.txt", data))})
    answer = client.post(form["action"], data=body, content_type=f'multipart/form-data; boundary="{boundary}"')
    assert answer.status_code == 303
    assert (EvidenceFile.objects.get().state, EvidenceFile.objects.get().size) == ("verified", len(data))


def test_nothing_chosen_is_said_and_nothing_is_made(world: World, client: FlaskClient) -> None:
    answer = fill(client, of(world), "deposit", files=file("", b""))
    assert answer.status_code == 422 and "Choisissez un fichier" in answer.text
    assert Evidence.objects.count() == 0


def test_a_form_longer_than_a_part_is_refused_before_it_is_read(
    world: World, client: FlaskClient, store: Connections
) -> None:
    length = store.settings.part_bytes + BESIDE_FILES + 1
    sent = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = client.post(of(world, "preuves"), environ_overrides=sent, headers=HTML)
    assert answer.status_code == 413 and "Choisissez un fichier plus léger" in answer.text


def test_a_script_begins_a_piece_and_is_told_where_it_is(world: World, client: FlaskClient) -> None:
    fields = form_of(shown(client, of(world)), "deposit")["fields"] | {"name": "IMG_1.heic"}
    for _ in range(2):
        answer = client.post(of(world, "preuves/nouvelle"), data=fields)
        piece = Evidence.objects.get()
        assert answer.json == {"id": str(piece.id), "title": piece.title, "address": f"/portfolio/preuve/{piece.id}"}
    assert client.post(of(world, "preuves/nouvelle"), data={"name": "x"}).json["code"] == "form_expired"


def test_a_file_is_described_then_removed(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    sent = world.upload(piece)
    path = f"/portfolio/preuve/{piece.id}"
    assert fill(client, path, f"describe-{sent.id}", alternative="Une lettre").status_code == 303
    assert EvidenceFile.objects.get().alternative == "Une lettre"
    assert fill(client, path, f"remove-{sent.id}").status_code == 303
    assert EvidenceFile.objects.get().removed_at is not None


def as_it_is(piece: Evidence) -> dict[str, Any]:
    plain = {name: getattr(piece, name) for name in ("title", "type_code", "nature", "situation", "context")}
    plain |= {"produced_on": piece.produced_on, "anonymisation": piece.anonymisation, "activity": str(piece.activity)}
    return plain | {f"description.{part}": said for part, said in piece.description.items()}


def test_a_piece_without_a_file_is_made_and_told(world: World, client: FlaskClient) -> None:
    answer = fill(client, of(world, "preuves/sans-fichier"), "without-file", title="Veille", type_code="")
    assert answer.status_code == 422 and 'value="Veille"' in answer.text
    answer = fill(client, of(world, "preuves/sans-fichier"), "without-file", title="Contrôle", type_code="QZ1")
    assert answer.status_code == 303 and Evidence.objects.get().nature == "controle"


def test_what_is_not_answered_is_not_a_no(world: World, client: FlaskClient) -> None:
    piece = world.new_piece(assistance_used=None)
    path = f"/portfolio/preuve/{piece.id}"
    assert fill(client, path, f"piece-{piece.id}", **as_it_is(piece) | {"title": "Autre"}).status_code == 303
    assert (Evidence.objects.get().assistance_used, Evidence.objects.get().title) == (None, "Autre")
    fill(client, path, f"piece-{piece.id}", **as_it_is(piece), assistance_used="non")
    assert Evidence.objects.get().assistance_used is False


def test_answers_to_another_type_do_not_keep_the_type_from_changing(world: World, client: FlaskClient) -> None:
    piece = world.new_piece(type_code="EML1", details={"recipient": "Une cliente"})
    typed = as_it_is(piece) | {"type_code": "WP1", "details.recipient": "Une cliente"}
    assert fill(client, f"/portfolio/preuve/{piece.id}", f"piece-{piece.id}", **typed).status_code == 303
    assert (Evidence.objects.get().type_code, Evidence.objects.get().details) == ("WP1", {})


def test_a_refused_value_is_shown_again_with_why(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    typed = as_it_is(piece) | {"produced_on": "hier", "description.result": "Beaucoup appris"}
    answer = fill(client, f"/portfolio/preuve/{piece.id}", f"piece-{piece.id}", **typed)
    assert answer.status_code == 422
    assert "Cette date n&#39;existe pas" in answer.text and "Beaucoup appris" in answer.text
    assert Evidence.objects.get().revision == piece.revision


def test_whoever_was_second_sees_both_values_and_may_go_on(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    path, name = f"/portfolio/preuve/{piece.id}", f"piece-{piece.id}"
    late = form_of(shown(client, path), name)
    fill(client, path, name, **as_it_is(piece) | {"title": "Depuis l'ordinateur"})
    answer = client.post(path, data=late["fields"] | as_it_is(piece) | {"title": "Depuis le téléphone"}, headers=HTML)
    assert answer.status_code == 412
    assert 'value="Depuis le téléphone"' in answer.text
    assert "Deux valeurs" in answer.text and "<q>Depuis l&#39;ordinateur</q>" in answer.text
    again = form_of(answer.text, name)
    assert (
        client.post(path, data=again["fields"] | as_it_is(piece) | {"title": "Depuis le téléphone"}).status_code == 303
    )
    assert Evidence.objects.get().title == "Depuis le téléphone"


def test_competences_are_claimed_with_a_reason_and_given_up(world: World, client: FlaskClient) -> None:
    piece = world.new_piece(competences=[])
    path, name = f"/portfolio/preuve/{piece.id}/competences", f"mapping-{piece.id}"
    fill(client, path, name, claimed=["C47", "C45"], **{"why.C47": "Je l'ai écrit."}, criteria=["K3"])
    fresh = Evidence.objects.get()
    assert fresh.state == "draft" and list(fresh.criteria) == ["K3"] and not fresh.tool_families
    assert "Dites pourquoi" in shown(client, f"/portfolio/preuve/{piece.id}")
    fill(
        client, path, name, claimed=["C47"], **{"why.C47": "Je l'ai écrit.", "why.C45": "Oublié"}, tool_families=["T5"]
    )
    fresh = Evidence.objects.get()
    assert [one.competence for one in fresh.competences] == ["C47"]
    assert (fresh.state, list(fresh.criteria), list(fresh.tool_families)) == ("ready", [], ["T5"])


def test_links_come_and_go(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    path = f"/portfolio/preuve/{piece.id}"
    assert fill(client, path, f"link-{piece.id}", url="javascript:alert(1)").status_code == 422
    assert fill(client, path, f"link-{piece.id}", url="https://exemple.fr/faq", label="FAQ").status_code == 303
    assert 'href="https://exemple.fr/faq"' in shown(client, path)
    assert fill(client, path, f"unlink-{piece.id}-1").status_code == 303
    assert not Evidence.objects.get().links


def test_a_piece_tells_what_it_was(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    fill(client, f"/portfolio/preuve/{piece.id}", f"piece-{piece.id}", **as_it_is(piece) | {"title": "Relance n° 2"})
    page = shown(client, f"/portfolio/preuve/{piece.id}/versions")
    assert "Révision 1 – « Lettre de relance »" in page and "Changé ensuite : Titre" in page
    assert "a modifié une preuve" in page
    assert fill(client, f"/portfolio/preuve/{piece.id}", f"withdraw-{piece.id}").status_code == 303
    assert "Preuves retirées (1)" in shown(client, of(world, "preuves"))


def test_advice_is_read_and_answered(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    given = feedback.give(world.actor(world.follower), piece, 1, "Masquez le nom.", world.clock())
    assert "Conseils reçus" in shown(client, of(world))
    fill(client, f"/portfolio/preuve/{piece.id}", f"advice-{given.id}", reply="C'est fait.")
    page = shown(client, f"/portfolio/preuve/{piece.id}")
    assert "Votre réponse : C&#39;est fait." in page and "Conseils reçus" not in shown(client, of(world))


def test_a_result_that_a_teacher_entered_is_mapped_and_not_changed(world: World, client: FlaskClient) -> None:
    values = {"title": "QCM", "produced_on": "2026-06-02", "maximum": "20", "competences": ["C1"], "criteria": []}
    values |= {"results": [{"candidacy": world.candidacy.id, "score": "15"}]}
    class_results.record_check(world.actor(world.follower), world.school, values, world.clock())
    piece = Evidence.objects.get()
    page = shown(client, f"/portfolio/preuve/{piece.id}")
    assert "saisi par un professeur" in page and f'id="piece-{piece.id}"' not in page and 'type="file"' not in page
    name = f"mapping-{piece.id}"
    fill(client, f"/portfolio/preuve/{piece.id}/competences", name, claimed=["C43"], **{"why.C43": "Le RGPD."})
    assert [one.competence for one in Evidence.objects.get().competences] == ["C43"]
