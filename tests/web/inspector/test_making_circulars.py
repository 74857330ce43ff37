"""The pages on which an inspector makes a version of a circular, up to its publication."""

from __future__ import annotations

import io

from portfolio.documents import MadeCircular
from portfolio.rules.texts.circular import circular_for
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.world import PDF, World


def test_a_version_is_made_compared_and_published_on_its_pages(world: World, client_for: Clients) -> None:
    inspector, administrator = client_for(world.inspector), client_for(world.administrator)
    assert "provisoire" in shown(inspector, "/circulaires")
    begun = fill(inspector, "/circulaires", "begin", session=world.session)
    place = begun.headers["Location"]
    assert "Rien ne change encore" in shown(inspector, place)
    refused = fill(inspector, place, "terms", deadline="2072-05-07T18:00", sheet_title="Fiche de l'année")
    assert refused.status_code == 422
    assert "attendu en 2026 ou en 2027" in refused.text and "de l&#39;ann" in refused.text
    changed = {"deadline": "2027-05-14T12:00", "scale": ["NA : Non acquis", "A : Acquis", ""], "observation_below": ""}
    told = followed(inspector, fill(inspector, place, "terms", **changed))
    assert "14/05/2027" in told and "Non acquis" in told
    with inspector.get(f"{place}/fiche.pdf") as sheet:
        assert sheet.data.startswith(b"%PDF")
    assert "Aucune annexe n" in shown(inspector, f"{place}/comparer")
    sent = fill(inspector, place, "annex", annex=(io.BytesIO(PDF), "annexe.pdf"))
    assert "la grille de cette version" in followed(inspector, sent).lower()
    with inspector.get(f"{place}/annexe/1.webp") as picture:
        assert picture.mimetype == "image/webp"
    for number in (0, 2, 10**9):  # it has one page
        assert inspector.get(f"{place}/annexe/{number}.webp").status_code == 404
    assert fill(inspector, f"{place}/comparer", "compare").status_code == 422
    declared = fill(inspector, f"{place}/comparer", "compare", declared="on")
    told = followed(inspector, declared)
    assert "grille comparée" in told and "Publier cette version" not in told
    assert "une autre personne, de l'inspection de la session ou de l'administration" in told
    told = followed(administrator, fill(administrator, place, "publish"))
    assert "elle ne change plus" in told and world.inspector.name in told
    assert not circular_for(world.session, BTS_ASSURANCE_E5).provisional
    assert world.inspector.name in shown(inspector, "/circulaires")


def test_a_draft_that_somebody_else_changed_is_not_overwritten(world: World, client_for: Clients) -> None:
    inspector, administrator = client_for(world.inspector), client_for(world.administrator)
    place = fill(inspector, "/circulaires", "begin", session=world.session).headers["Location"]
    shown(administrator, place)
    fill(inspector, place, "terms", sheet_title="Fiche de l'une")
    stale = fill(administrator, place, "terms", sheet_title="Fiche de l'autre", _revision="1")
    assert stale.status_code == 412
    assert "Fiche de l'une" in MadeCircular.objects.get().text
