"""The page on which a grid filled in by hand is keyed and read again: two members, and nobody else."""

from __future__ import annotations

import hashlib
import io
from html import unescape

import pytest

from portfolio.documents import GridScan
from tests.support.api.clients import Clients
from tests.support.api.requests import change
from tests.support.filling import fill, words
from tests.support.specimens import pdf, pdf_of_pages
from tests.support.worlds.commissions import ROWS, appraised, met
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import at, degrees, page

pytestmark = pytest.mark.usefixtures("bucket")


def test_a_grid_is_scanned_keyed_read_again_and_its_sheet_says_so(world: World, client_for: Clients) -> None:
    commission = met(world, appraised(world), on_paper=True)
    path, keyer, reader = at(commission, "/papier"), client_for(world.follower), client_for(world.tutor)
    sent = {"scan": (io.BytesIO(pdf()), "grille.pdf")}
    assert fill(keyer, path, f"deposit-{commission.id}", **sent).status_code == 303
    assert "X-Amz-Expires=300" in fill(reader, path, f"scan-{commission.id}").headers["Refresh"]
    assert "l'autre membre la relit ici" in page(reader, path)
    assert fill(keyer, path, f"keyed-{commission.id}").status_code == 303
    assert "Vous ne pouvez pas la relire vous-même" in page(keyer, path)
    typed = degrees("S", C42="TS") | {"mark": "12", "words_match": "on"}
    differs = fill(reader, path, f"reading-{commission.id}", **typed)
    assert differs.status_code == 422
    text = unescape(words(differs))
    assert "C42 : votre lecture diffère de la saisie" in text and "Note : votre lecture diffère" in text
    assert "14,5" not in text
    waits = fill(keyer, at(commission, "/accord"), f"draw-up-{commission.id}")
    assert waits.status_code == 409 and "l'autre membre la relise" in unescape(waits.text)
    alike = degrees() | {"mark": "14,5", "words_match": "on"}
    assert fill(reader, path, f"reading-{commission.id}", **alike).status_code == 303
    assert "Les deux lectures concordent" in page(keyer, path)
    assert fill(keyer, at(commission, "/accord"), f"draw-up-{commission.id}").status_code == 303
    assert "saisie d'après papier" in page(keyer, at(commission, "/fiche"))


def test_a_program_does_it_too_and_the_office_sees_none_of_it(world: World, client_for: Clients) -> None:
    commission = met(world, appraised(world), on_paper=True)
    keyer, reader = client_for(world.follower), client_for(world.tutor)
    api, data = f"/api/v1/commissions/{commission.id}", pdf()
    digest = hashlib.sha256(data).hexdigest()
    assert keyer.get(f"{api}/grid-scan").json["code"] == "no_grid_scan"
    put = keyer.put(f"{api}/grid-scans/{digest}", data=data, content_type="application/octet-stream")
    assert (put.status_code, put.json["sha256"]) == (200, digest)
    short = f"/commissions/{commission.id}/grid-scan"
    assert change(keyer, "POST", f"{short}/keyed", 1, {}).json["keyed_by"] == str(world.follower.id)
    reading = {"degrees": dict.fromkeys(ROWS, "S"), "mark": "14,5", "words_match": True}
    assert change(keyer, "POST", f"{short}/reading", 2, reading).json["code"] == "paper_read_by_who_keyed_it"
    assert change(reader, "POST", f"{short}/reading", 2, reading).json["read_by"] == str(world.tutor.id)
    for person in (world.office, world.candidate):
        stranger = client_for(person)
        assert stranger.get(f"{api}/grid-scan").status_code == 404
        assert stranger.put(f"{api}/grid-scans/{digest}", data=data).status_code == 404
        assert change(stranger, "POST", f"{short}/reading", 3, reading).status_code == 404
    assert "Saisir ce qui a été écrit" not in page(client_for(world.office), at(commission, "/papier"))
    assert GridScan.objects.count() == 1


def test_a_scan_of_another_candidate_is_withdrawn_and_the_right_one_counts(world: World, client_for: Clients) -> None:
    commission = met(world, appraised(world), on_paper=True)
    path, member = at(commission, "/papier"), client_for(world.follower)
    for pages, name in ((1, "grille.pdf"), (2, "autre.pdf")):
        sent = {"scan": (io.BytesIO(pdf_of_pages(pages)), name)}
        assert fill(member, path, f"deposit-{commission.id}", **sent).status_code == 303
    right, wrong = GridScan.objects.order_by("id")
    assert "Retirer le scan remplacé : grille.pdf" in page(member, path)
    assert fill(member, path, f"withdraw-{wrong.id}").status_code == 422, "why is asked"
    assert fill(member, path, f"withdraw-{wrong.id}", why="other_candidate").status_code == 303
    assert "autre.pdf" not in page(member, path) and "grille.pdf" in page(member, path)
    assert fill(member, path, f"keyed-{commission.id}").status_code == 303
    assert right.reload().keyed_by == world.follower.id


def test_a_program_withdraws_a_scan_of_its_own_commission_alone(world: World, client_for: Clients) -> None:
    commission = met(world, appraised(world), on_paper=True)
    member, short = client_for(world.follower), f"/commissions/{commission.id}/grid-scan/withdrawal"
    asked = {"scan": str(commission.id), "why": "unreadable"}
    assert change(member, "POST", short, 1, asked).json["code"] == "no_grid_scan"
    data = pdf()
    put = f"/api/v1/commissions/{commission.id}/grid-scans/{hashlib.sha256(data).hexdigest()}"
    scan = member.put(put, data=data, content_type="application/octet-stream").json["id"]
    assert change(member, "POST", short, 1, {**asked, "scan": scan, "why": "a whim"}).status_code == 422
    assert change(client_for(world.candidate), "POST", short, 1, {**asked, "scan": scan}).status_code == 404
    assert change(member, "POST", short, 1, {**asked, "scan": scan}).json["discarded_at"]
    assert member.get(f"/api/v1/commissions/{commission.id}/grid-scan").json["code"] == "no_grid_scan"
