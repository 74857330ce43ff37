"""A file that is refused leaves no draft behind, and its owner reads why and what to do: by a form and by the API."""

from __future__ import annotations

import io
from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceFile
from tests.support import containers, specimens
from tests.support.api.clients import Clients
from tests.support.filling import csrf, fill
from tests.support.worlds.world import PDF, World

# {case: (name, data, what the sentence says of it, what it says to do)}
REFUSED = {
    "empty": ("note.pdf", b"", "est vide", "choisissez un autre fichier"),
    "wrong kind": (
        "lettre.docx",
        specimens.pdf(),
        "son contenu est d'un autre type",
        "Enregistrez-le au format annoncé",
    ),
    "protected": ("secret.odt", specimens.encrypted_opendocument(), "protégé par un mot de passe", "sans mot de passe"),
    "torn": ("coupe.docx", specimens.word()[:-200], "incomplet ou abîmé", "enregistrez-le de nouveau"),
    "hostile": ("facture.pdf", specimens.WINDOWS_PROGRAM, "Les programmes", "Déposez plutôt une capture"),
    "macro": ("modele.docx", specimens.word_with_macros(), "contient des macros", "Enregistrez-en une copie"),
    "archive": ("tout.zip", containers.zipped({"a.txt": "a"}), "Les archives", "déposez ses fichiers un par un"),
    "unreadable": ("donnees.bin", bytes(range(1, 256)) * 40, "pas d'un type accepté", "enregistrez-le en PDF"),
}


def words(text: str) -> str:
    for typed, plain in (("\u00a0", " "), ("\u202f", " "), ("\u2019", "'"), ("&#39;", "'"), ("&nbsp;", " ")):
        text = text.replace(typed, plain)
    return text


def left() -> tuple[int, int]:
    """Pieces and files that are still there."""
    return Evidence.objects(withdrawn_at=None).count(), EvidenceFile.objects(removed_at=None).count()


@pytest.mark.parametrize("case", REFUSED)
def test_a_form_leaves_nothing_and_says_why(world: World, client_for: Clients, case: str) -> None:
    name, data, why, then = REFUSED[case]
    client, page = client_for(world.candidate), f"/portfolio/{world.candidacy.id}"
    answer = fill(client, page, "deposit", files=(io.BytesIO(data), name))
    assert answer.status_code == 422
    assert why in words(answer.text) and then in words(answer.text)
    assert left() == (0, 0)


def announced(api: Any, piece: Evidence, name: str, size: int) -> Any:
    key = {"Idempotency-Key": f"fichier-{piece.id}"}
    return api.post(f"/api/v1/evidence/{piece.id}/files", json={"name": name, "size": size}, headers=key)


@pytest.mark.parametrize("case", [*REFUSED, "too big"])
def test_the_api_says_why_and_the_file_goes_without_a_trace(world: World, client_for: Clients, case: str) -> None:
    """What announces itself as refused is never begun; what is refused once read says so, and goes when removed."""
    api, piece = client_for(world.candidate), world.new_piece(type_code="WP1")
    name, data, why, _ = REFUSED.get(case, ("film.mp4", b"", "dépasse la taille permise", ""))
    answer = announced(api, piece, name, 2**49 if case == "too big" else len(data))
    if case in ("empty", "too big"):
        assert answer.status_code in (413, 422)
        assert why in words(str(answer.json.get("errors", {}).get("size", answer.json["detail"])))
    else:
        file = world.upload(piece, data, name)
        assert file.state == "quarantined" and why in words(file.reason)
        for pending in EvidenceFile.objects(evidence=piece.id, removed_at=None):
            removed = api.delete(f"/api/v1/files/{pending.id}", headers={"If-Match": f'"{pending.revision}"'})
            assert removed.status_code == 200
    assert EvidenceFile.objects(removed_at=None).count() == 0


@pytest.mark.parametrize(
    ("data", "worked_on", "goes"),
    [(b"MZ" + bytes(300), {}, True), (b"MZ" + bytes(300), {"aim": "Relancer"}, False), (PDF, {}, False)],
    ids=["all refused", "worked on since", "one accepted"],
)
def test_a_piece_begun_for_files_goes_once_all_are_refused_unless_somebody_worked_on_it(
    world: World, client_for: Clients, data: bytes, worked_on: dict[str, str], goes: bool
) -> None:
    client = client_for(world.candidate)
    sent = {"csrf_token": csrf(client), "_once": "piece-de-ce-groupe", "name": "lettre.pdf"}
    begun = client.post(f"/portfolio/{world.candidacy.id}/preuves/nouvelle", data=sent).json
    world.upload(Evidence.objects.get(pk=begun["id"]), data, "lettre.pdf")
    Evidence.objects(pk=begun["id"]).update(set__description=worked_on)
    for _ in range(2):
        told = client.post(f"/portfolio/preuve/{begun['id']}/sans-suite", data={"csrf_token": csrf(client)})
        assert told.json == {"withdrawn": goes}
    assert Evidence.objects(withdrawn_at=None).count() == (0 if goes else 1)
