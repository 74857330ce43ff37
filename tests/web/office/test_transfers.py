"""The pages of a transfer: one office proposes it, the other one reads it and answers, the candidate sees it."""

from __future__ import annotations

from html import unescape

from portfolio.documents import Candidacy, Transfer
from tests.support.acts.enrolling import UAI, other_school
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World

ON = {"on": "2026-11-20", "reason": "Déménagement"}


def test_two_offices_move_a_candidate_page_by_page(world: World, client_for: Clients) -> None:
    world.new_piece()
    world.sign_off()
    school = other_school(world)
    office, teacher = world.new_office(school), world.new_teacher(school)
    leaving, joining = client_for(world.office), client_for(office)
    page, id = f"/etablissement/candidats/{world.candidacy.id}", str(world.candidacy.id)
    words = followed(leaving, fill(leaving, page, f"transfer-{id}", uai=UAI, **ON))
    assert "Le transfert est proposé" in unescape(words)
    transfer = Transfer.objects.get()
    mine = unescape(shown(client_for(world.candidate), f"/portfolio/{id}"))
    assert "propose votre transfert à Lycée Ampère, Lyon" in mine and "« Déménagement »" in mine
    there = f"/etablissement/transferts/{transfer.id}"
    sent, received = (
        unescape(shown(by, f"/etablissement/{of.id}")) for by, of in ((leaving, world.school), (joining, school))
    )
    assert "l'autre établissement n'a pas répondu" in sent and there in sent
    assert "votre réponse est attendue" in received and there in received
    assert f"/etablissement/transferts/{transfer.id}" in shown(joining, f"/etablissement/{school.id}/transferts")
    done = followed(joining, fill(joining, there, f"accept-{transfer.id}", followers=str(teacher.id), division="2B"))
    assert "Le candidat est accueilli" in unescape(done)
    assert there not in shown(leaving, f"/etablissement/{world.school.id}")
    assert Candidacy.objects.get(pk=world.candidacy.id).followers == [teacher.id]
    assert "Vous avez changé d'établissement" in unescape(shown(client_for(world.candidate), f"/portfolio/{id}"))
    assert leaving.get(page).status_code == 404
    kept = unescape(shown(leaving, there))
    assert "« Déménagement »" in kept and "Page du candidat" not in kept
    follower = unescape(shown(client_for(teacher), f"/classe/candidats/{id}"))
    assert "(Lycée Ampère, Lyon)" in follower


def test_it_is_withdrawn_or_declined_with_a_reason(world: World, client_for: Clients) -> None:
    school, id = other_school(world), str(world.candidacy.id)
    leaving, joining = client_for(world.office), client_for(world.new_office(school))
    page = f"/etablissement/candidats/{id}"
    fill(leaving, page, f"transfer-{id}", uai=UAI, **ON)
    first = Transfer.objects.get()
    there = f"/etablissement/transferts/{first.id}"
    assert "n'est plus proposé" in unescape(
        followed(leaving, fill(leaving, there, f"withdraw-{first.id}", reason="Erreur"))
    )
    fill(leaving, page, f"transfer-{id}", uai=UAI, **ON)
    again = Transfer.objects.get(state="proposed")
    there = f"/etablissement/transferts/{again.id}"
    assert "décliné" in unescape(followed(joining, fill(joining, there, f"decline-{again.id}", reason="Classe pleine")))
    assert "« Classe pleine »" in unescape(shown(leaving, there))
    assert joining.get(page).status_code == 404


def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(world: World, client_for: Clients) -> None:
    world.submit()
    convened(world)
    leaving, id = client_for(world.office), str(world.candidacy.id)
    other_school(world)
    answer = fill(leaving, f"/etablissement/candidats/{id}", f"transfer-{id}", uai=UAI, **ON)
    words = unescape(answer.text)
    assert answer.status_code == 409
    assert "que son établissement l'annule d'abord" in words and "Déménagement" in words
