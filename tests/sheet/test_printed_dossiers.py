"""The dossier of a candidate on paper: what it holds, who may have it, and that it does not stay."""

from __future__ import annotations

import io
import time
from functools import partial
from typing import Any

import pikepdf
import pypdfium2
import pytest

from portfolio.commission.assess import NothingSubmitted
from portfolio.commission.on_paper.blank_grids import code_of
from portfolio.documents import Activity, Commission, Link, Portfolio, PrintedDossier
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.errors import Forbidden, NotFound
from portfolio.files.previews import kept_views
from portfolio.files.previews.preview_spec import page as page_view
from portfolio.files.previews.sandbox import CannotShow
from portfolio.mail.outbox_handlers import DRAWERS, HANDLERS
from portfolio.sheet.dossiers import files, printing
from portfolio.sheet.dossiers.pictures import MOST_OF_A_FILE, MOST_PICTURES, Pictures, pages_of_each
from portfolio.store.connections import Connections, storage
from portfolio.store.journal import head, portfolio_chain
from portfolio.store.outbox import DRAWINGS, deliver_due
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support import specimens as made
from tests.support.acts.printed_sheets import squeezed
from tests.support.api.clients import Clients
from tests.support.filling import fill
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import at, page

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def commission(world: World) -> Commission:
    for data, name in ((made.pdf(), "contrat.pdf"), (made.picture("JPEG"), "photo.jpg")):
        world.upload(world.new_piece(), data, name)
    world.sign_off()
    world.submit()
    return convened(world)


def printed(world: World, commission: Commission) -> PrintedDossier:
    asked = printing.ask(world.actor(world.follower), commission, world.clock())
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    return asked.reload()


def kept() -> list[str]:
    """The keys of the dossiers that the store holds."""
    return [stored.key for stored in storage().list_keys("dossier-")]


def test_a_dossier_holds_the_pieces_their_sign_offs_their_pages_and_the_blank_grid(
    world: World, commission: Commission
) -> None:
    dossier = printed(world, commission)
    pdf = b"".join(storage().open(dossier.key))
    assert (dossier.size, dossier.submission) == (len(pdf), 1)
    document = pypdfium2.PdfDocument(pdf)
    assert dossier.sheets == len(document)
    text = squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    told = ("Sommaire", "Remise", "Production", "P1", "P2", "contrat.pdf", "photo.jpg", "Tuteur : confirmée")
    told += (world.candidacy.display_name, world.tutor.name, code_of(commission.id), "à détruire après la réunion")
    assert [words for words in told if squeezed(words) not in text] == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert (opened.Root.Lang, opened.Root.MarkInfo.Marked) == ("fr-FR", True)
        with opened.open_outline() as outline:
            titles = [item.title for item in outline.root]
        assert Activity.objects.get().title in titles and titles[-1].startswith("Grille d'évaluation")
        pictures = [
            one for one in opened.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"
        ]
        assert len(pictures) >= 2 and all(picture.Width > 1 for picture in pictures)
        assert {str(picture.Filter) for picture in pictures} == {"/DCTDecode"}


def test_only_the_members_and_the_office_have_it_once_something_is_submitted(world: World) -> None:
    commission = convened(world)
    with pytest.raises(NothingSubmitted):
        printing.ask(world.actor(world.follower), commission, world.clock())
    world.submit()
    for person in (world.candidate, world.second_teacher, world.jury_member, world.inspector, world.support):
        for act in (printing.ask, printing.latest, printing.link):
            with pytest.raises((NotFound, Forbidden)):
                act(world.actor(person), commission, world.clock())
    for person in (world.follower, world.tutor, world.office):
        assert printing.ask(world.actor(person), commission, world.clock()).person == person.id
        with pytest.raises(printing.DossierNotReady):
            printing.link(world.actor(person), commission, world.clock())


def test_it_is_on_record_where_no_candidate_reads_and_asked_for_once_at_a_time(
    world: World, commission: Commission
) -> None:
    before = head(portfolio_chain(commission)), Portfolio.objects.get(pk=commission.candidacy).revision
    by = world.actor(world.tutor)
    asked = printing.ask(by, commission, world.clock())
    assert printing.ask(by, commission, world.clock()).id == asked.id
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert "X-Amz-Expires=300" in printing.link(by, commission, world.clock())
    names, chain = ("dossier_asked", "dossier_printed", "dossier_opened"), f"assessment:{commission.candidacy}"
    links = Link.objects(name__in=names).order_by("seq")
    assert [(link.name, link.chain) for link in links] == [(name, chain) for name in names]
    assert (head(portfolio_chain(commission)), Portfolio.objects.get(pk=commission.candidacy).revision) == before


def test_it_is_erased_after_a_day(world: World, commission: Commission, clock: Clock) -> None:
    dossier = printed(world, commission)
    clock.advance(days=1, minutes=1)
    with pytest.raises(printing.DossierNotReady):
        printing.link(world.actor(world.follower), commission, clock())
    deliver_due(HANDLERS, clock)
    assert storage().head(dossier.key) is None


def test_a_commission_cancelled_meanwhile_has_none(world: World, commission: Commission, store: Connections) -> None:
    asked = printing.ask(world.actor(world.follower), commission, world.clock())
    Commission.objects(pk=commission.id).update(set__state="cancelled")
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert kept() == [] and asked.reload().ready_at is None
    for act in (printing.ask, printing.link):
        with pytest.raises(printing.CommissionIsCancelled):
            act(world.actor(world.office), commission.reload(), world.clock())


def test_a_dossier_of_an_earlier_submission_is_asked_for_again(
    world: World, commission: Commission, client_for: Clients
) -> None:
    by, member = world.actor(world.follower), client_for(world.follower)
    earlier = printing.ask(by, commission, world.clock())
    submit.reopen(world.actor(world.office), world.portfolio.reload(), "Une pièce manque", world.clock())
    world.submit()
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert earlier.reload().ready_at is None
    told = page(member, at(commission, "/papier"))
    assert "remise n° 1" in told and "Se prépare" not in told
    assert fill(member, at(commission, "/papier"), f"ask-{commission.id}").status_code == 303
    asked = printing.latest(by, commission, world.clock())
    assert asked is not None and (asked.id, asked.submission) != (earlier.id, 1)
    assert "Se prépare" in page(member, at(commission, "/papier"))


def test_the_worker_leaves_a_dossier_that_is_over(world: World, commission: Commission, clock: Clock) -> None:
    asked = printing.ask(world.actor(world.follower), commission, clock())
    clock.advance(days=1, minutes=1)
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    assert kept() == [] and asked.reload().ready_at is None


def test_a_portfolio_eliminated_while_its_dossier_is_made_leaves_no_bytes(
    world: World, commission: Commission, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = printing.ask(world.actor(world.follower), commission, world.clock())
    typeset = printing.typeset_dossier

    def eliminated_before_it_ends(*sources: Any) -> tuple[bytes, int]:
        gone = {"slip_number": "E01", "on": "2027-06-01"}
        Portfolio.objects(pk=commission.candidacy).update(set__state="eliminated", set__elimination=gone)
        return typeset(*sources)

    monkeypatch.setattr(printing, "typeset_dossier", eliminated_before_it_ends)
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert asked.reload().ready_at is None and kept() == []


def test_no_link_leads_to_the_dossier_of_an_eliminated_portfolio(world: World, commission: Commission) -> None:
    printed(world, commission)
    gone = {"slip_number": "E01", "on": "2027-06-01"}
    Portfolio.objects(pk=commission.candidacy).update(set__state="eliminated", set__elimination=gone)
    with pytest.raises(Eliminated):
        printing.link(world.actor(world.follower), commission, world.clock())


def test_a_page_that_cannot_be_drawn_renumbers_no_other_and_nothing_to_see_is_told(world: World) -> None:
    file = world.upload(world.new_piece(), made.pdf_of_pages(3), "contrat.pdf")
    assert files.make_ready([file], MOST_OF_A_FILE, time.monotonic() + 60, 0)
    kept_views.keep_refusal(file, page_view(2), CannotShow("too_large"))
    unmade = world.upload(world.new_piece(), made.picture("JPEG"), "photo.jpg")
    with Pictures() as pictures:
        prints = partial(files.printed, most=MOST_OF_A_FILE, tries=1, pictures=pictures)
        shown, told = prints(file, "contrat.pdf", ""), prints(unmade, "photo.jpg", "")
    assert [picture["alt"] for picture in shown["pictures"]] == [f"contrat.pdf, page {rank} sur 3" for rank in (1, 3)]
    assert shown["notes"] == [files.OTHER_PAGES.format(shown=2, count=3)]
    assert (told["pictures"], told["words"], told["notes"]) == ([], [], [files.NO_VIEW])


@pytest.mark.parametrize(("number", "each"), [(0, MOST_OF_A_FILE), (1, MOST_OF_A_FILE), (40, 5), (100, 2), (500, 1)])
def test_a_full_dossier_has_fewer_pages_of_each_file(number: int, each: int) -> None:
    assert pages_of_each(number) == each
    assert number > MOST_PICTURES or number * pages_of_each(number) <= MOST_PICTURES
