"""Candidates without an address come in by a code on paper: they give their address, and a mail there proves it."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pypdfium2
import pytest

from config.processes import free_port
from portfolio.boards import own_data
from portfolio.documents import Candidacy, Invitation, Link, Person, RosterImport
from portfolio.documents.people import PersonState
from portfolio.enrolment import email_corrections, enrol
from portfolio.enrolment.entry_codes import code_words, coupons, making, redeeming
from portfolio.enrolment.entry_codes.making import EntryCode
from portfolio.enrolment.moves import abandonment, suspensions
from portfolio.enrolment.rosters import roster_import, roster_undo
from portfolio.errors import Forbidden, Invalid, NotFound, TooMany
from portfolio.identity import invitations, sign_ins
from portfolio.identity.client_fingerprint import Origin
from portfolio.policy.relations import Actor
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import shown
from tests.support.mails.mailbox import deliver, files, mail_server, rows, token_in
from tests.support.worlds.world import World

PHRASE = "Sept mots font une bonne phrase secrète"
CHLOE, INES = "2006-04-12", "2006-01-30"  # their birth dates
LIST = (
    "Nom;Prénoms;Né le;Statut;Classe\n"
    "Abadie;Chloé;12/04/2006;scolaire;BTS2 A\nBrun;Hugo;03/11/2006;scolaire;BTS2 A\n"
    "Caron;Inès;30/01/2006;scolaire;BTS2 B\n"
)


@pytest.fixture
def enrolled(world: World, clock: Clock) -> World:
    """A list of three, without any address."""
    office = world.actor(world.office)
    preview = roster_import.preview(office, world.school, world.session, LIST.encode(), clock())
    roster_import.confirm(office, preview, [], clock())
    return world


def made(world: World, division: str | None = None) -> list[EntryCode]:
    return making.make_codes(world.actor(world.office), world.school, world.session, world.clock(), division)


def person_of(code: EntryCode) -> Person:
    return Person.objects.get(pk=Candidacy.objects.get(pk=code.candidacy.id).person)


def still_awaited(world: World) -> list[making.Awaited]:
    return making.awaited(world.actor(world.office), world.school, world.session, world.clock())


def test_a_list_without_addresses_is_enrolled_and_each_of_them_is_awaited(enrolled: World) -> None:
    names = [one.candidacy.display_name for one in still_awaited(enrolled)]
    assert names == ["Chloé Abadie", "Hugo Brun", "Inès Caron"]
    assert [one.code_until for one in still_awaited(enrolled)] == [None] * 3


def test_a_code_gives_an_address_and_the_mail_that_proves_it_opens_the_account(
    enrolled: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    first = made(enrolled)[0]
    port = free_port()
    with mail_server(port) as received:
        over_smtp(f"smtp://127.0.0.1:{port}")
        deliver(clock)
        assert received.envelopes == [], "who has no address is written to nowhere"
        redeeming.give_address(f" {first.code.lower().replace('-', ' ')} ", CHLOE, "Chloe.Abadie@Exemple.fr", clock())
        assert deliver(clock) == 1
    (envelope,), (message,) = received.envelopes, received.messages
    assert envelope.rcpt_tos == ["chloe.abadie@exemple.fr"]
    assert person_of(first).email is None, "an address is nobody's before it is proven"
    assert still_awaited(enrolled)[0].asked_at == clock()
    invitations.accept_invitation(token_in(message), PHRASE, clock())
    person = person_of(first)
    assert (person.email, person.state) == ("chloe.abadie@exemple.fr", PersonState.ACTIVE)
    sign_ins.sign_in("chloe.abadie@exemple.fr", PHRASE, "cookie", None, clock(), Origin("n", "d"))
    assert [one.candidacy.birth_name for one in still_awaited(enrolled)] == ["Brun", "Caron"]
    with pytest.raises(redeeming.EntryCodeUsed):
        redeeming.give_address(first.code, CHLOE, "autre@exemple.fr", clock())


def test_a_code_is_stored_nowhere_and_an_address_is_in_no_link(
    enrolled: World, store: Connections, clock: Clock
) -> None:
    first = made(enrolled)[0]
    redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    kept = json.dumps(
        [list(store.database[name].find()) for name in store.database.list_collection_names()], default=str
    )
    assert first.code not in kept and code_words.as_typed(first.code) not in kept
    assert "chloe@exemple.fr" not in json.dumps(list(store.database.events.find()), default=str)
    assert set(code_words.as_typed(first.code)) <= set(code_words.SIGNS)


def test_a_mistyped_address_is_given_again_with_the_same_code_and_the_last_link_counts(
    enrolled: World, store: Connections, clock: Clock
) -> None:
    first = made(enrolled)[0]
    redeeming.give_address(first.code, CHLOE, "chloe@exmple.fr", clock())
    redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    deliver(clock)
    (message,) = files(store)
    assert "chloe@exemple.fr" in str(message["To"])
    invitations.accept_invitation(token_in(message), PHRASE, clock())
    assert person_of(first).email == "chloe@exemple.fr"


def test_codes_made_again_replace_the_first_and_this_is_recorded(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)
    again = made(enrolled, "BTS2 A")
    assert len(again) == 2
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address(first[0].code, CHLOE, "chloe@exemple.fr", clock())
    redeeming.give_address(first[2].code, INES, "ines@exemple.fr", clock())  # of the other class
    redeeming.give_address(again[0].code, CHLOE, "chloe@exemple.fr", clock())
    recorded = [link.data["replaced"] for link in Link.objects(name="entry_codes_made").order_by("seq")]
    assert recorded == [0, 2]


def test_an_expired_code_and_one_that_does_not_exist_say_what_to_do(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)[0]
    with pytest.raises(redeeming.UnknownEntryCode) as unknown:
        redeeming.give_address("CDFG-HJKM-0000", CHLOE, "chloe@exemple.fr", clock())
    assert "secrétariat" in unknown.value.errors["code"][0]
    clock.advance(days=31)
    with pytest.raises(redeeming.EntryCodeOver) as over:
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    assert "secrétariat" in over.value.detail


def test_an_address_of_another_account_is_refused_in_words_whenever_it_was_taken(
    enrolled: World, store: Connections, clock: Clock
) -> None:
    first = made(enrolled)[0]
    with pytest.raises(invitations.AddressOfAnother) as taken:
        redeeming.give_address(first.code, CHLOE, enrolled.office.email, clock())
    assert "autre compte" in taken.value.errors["email"][0]
    redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    deliver(clock)
    enrolled.new_candidacy(email="chloe@exemple.fr")
    with pytest.raises(invitations.AddressOfAnother):
        invitations.accept_invitation(token_in(files(store)[0]), PHRASE, clock())
    assert person_of(first).email is None


def test_a_day_that_is_not_theirs_is_tried_five_times_at_most_and_asks_for_no_mail(
    enrolled: World, store: Connections, clock: Clock
) -> None:
    first = made(enrolled)[0]
    before = rows(store)
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            redeeming.give_address(first.code, INES, "un.autre@exemple.fr", clock())
        assert list(refused.value.errors) == ["birth_date"]
        assert "secrétariat" in refused.value.errors["birth_date"][0]
    with pytest.raises(TooMany):
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    assert rows(store) == before
    clock.advance(hours=1, minutes=1)
    redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    deliver(clock)
    assert [str(message["To"]) for message in files(store)] == ["chloe@exemple.fr"]


def test_a_day_that_is_right_takes_none_of_the_tries_and_one_coupon_takes_none_of_another(
    enrolled: World, clock: Clock
) -> None:
    first, _, last = made(enrolled)
    for _ in range(4):
        with pytest.raises(Invalid):
            redeeming.give_address(first.code, INES, "chloe@exemple.fr", clock())
    for rank in range(3):
        redeeming.give_address(first.code, CHLOE, f"chloe.{rank}@exemple.fr", clock())
    with pytest.raises(Invalid):
        redeeming.give_address(first.code, INES, "chloe@exemple.fr", clock())
    with pytest.raises(TooMany):
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    redeeming.give_address(last.code, INES, "ines@exemple.fr", clock())


def test_who_does_not_know_the_day_is_not_told_whose_an_address_is(enrolled: World, clock: Clock) -> None:
    with pytest.raises(Invalid) as refused:
        redeeming.give_address(made(enrolled)[0].code, INES, enrolled.office.email, clock())
    assert list(refused.value.errors) == ["birth_date"]


def test_a_day_that_is_none_is_said_beside_an_address_that_is_none_and_takes_no_try(
    enrolled: World, clock: Clock
) -> None:
    first = made(enrolled)[0]
    for _ in range(6):
        with pytest.raises(Invalid) as refused:
            redeeming.give_address(first.code, "12/04/2006", "chloe", clock())
        assert refused.value.errors.keys() == {"birth_date", "email"}


def test_a_birth_date_that_the_office_corrects_is_the_one_that_counts(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)[0]
    enrol.amend_candidacy(enrolled.actor(enrolled.office), first.candidacy, {"birth_date": "2006-12-04"}, clock())
    with pytest.raises(Invalid):
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    redeeming.give_address(first.code, "2006-12-04", "chloe@exemple.fr", clock())


def test_one_code_gives_ten_addresses_a_day(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)[0]
    for rank in range(10):
        redeeming.give_address(first.code, CHLOE, f"essai.{rank}@exemple.fr", clock())
    with pytest.raises(TooMany):
        redeeming.give_address(first.code, CHLOE, "essai.11@exemple.fr", clock())


def test_an_address_that_the_office_notes_ends_the_code(enrolled: World, store: Connections, clock: Clock) -> None:
    first = made(enrolled)[0]
    email_corrections.correct(enrolled.actor(enrolled.office), person_of(first), "chloe@exemple.fr", clock())
    with pytest.raises(redeeming.EntryCodeUsed):
        redeeming.give_address(first.code, CHLOE, "autre@exemple.fr", clock())
    assert Invitation.objects(purpose="code", used_at=None).count() == 2


def test_a_new_coupon_ends_the_links_asked_for_with_the_lost_one(
    enrolled: World, store: Connections, clock: Clock
) -> None:
    lost = made(enrolled)[0]
    redeeming.give_address(lost.code, CHLOE, "voleur@exemple.fr", clock())
    deliver(clock)
    (message,) = files(store)
    again = made(enrolled)[0]
    with pytest.raises(invitations.InvitationOver):
        invitations.accept_invitation(token_in(message), PHRASE, clock())
    redeeming.give_address(again.code, CHLOE, "chloe@exemple.fr", clock())


def test_one_coupon_printed_again_ends_its_own_code_alone_and_is_recorded(enrolled: World, clock: Clock) -> None:
    lost, kept, _ = made(enrolled)
    redeeming.give_address(lost.code, CHLOE, "voleur@exemple.fr", clock())
    again = making.make_code_of(enrolled.actor(enrolled.office), lost.candidacy, clock())
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address(lost.code, CHLOE, "chloe@exemple.fr", clock())
    assert Invitation.objects(person=person_of(lost).id, used_at=None).count() == 1, "the link asked for ended, too"
    redeeming.give_address(kept.code, "2006-11-03", "hugo@exemple.fr", clock())
    redeeming.give_address(again.code, CHLOE, "chloe@exemple.fr", clock())
    recorded = Link.objects(name="entry_codes_made").order_by("-seq").first()
    assert recorded.data["people"] == [str(person_of(lost).id)] and recorded.data["replaced"] == 1


def test_one_who_has_an_address_or_gave_up_gets_no_coupon_and_no_other_school_prints_one(
    enrolled: World, clock: Clock
) -> None:
    office = enrolled.actor(enrolled.office)
    chloe, hugo, _ = [one.candidacy for one in still_awaited(enrolled)]
    email_corrections.correct(office, Person.objects.get(pk=chloe.person), "chloe@exemple.fr", clock())
    abandonment.abandon(office, hugo, {"on": clock().date().isoformat(), "reason": "Parti"}, clock())
    for candidacy in (chloe, Candidacy.objects.get(pk=hugo.id)):
        with pytest.raises(making.CodeNotNeeded):
            making.make_code_of(office, candidacy, clock())
    for by in (enrolled.follower, enrolled.candidate):
        with pytest.raises((Forbidden, NotFound)):
            making.make_code_of(enrolled.actor(by), chloe, clock())


def test_days_are_not_guessed_one_hour_after_another(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)[0]
    for rank in range(making.WRONG_ANSWERS.most):
        with pytest.raises(Invalid):
            redeeming.give_address(first.code, f"2005-01-{rank + 1:02}", "voleur@exemple.fr", clock())
        clock.advance(hours=2)
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    assert still_awaited(enrolled)[0].code_until is None, "the office sees that it is to be printed again"
    redeeming.give_address(made(enrolled)[0].code, CHLOE, "chloe@exemple.fr", clock())


def test_the_office_reads_tries_with_another_day_while_the_code_is_open(
    enrolled: World, clock: Clock, store: Connections, client_for: Clients
) -> None:
    first = made(enrolled)[0]
    for rank in range(3):
        with pytest.raises(Invalid):
            redeeming.give_address(first.code, f"2005-01-{rank + 1:02}", "voleur@exemple.fr", clock())
    assert [one.wrong_days for one in still_awaited(enrolled)] == [3, 0, 0]
    page = f"/etablissement/{enrolled.school.id}/codes"
    assert "3 essais avec une autre date de naissance" in shown(client_for(enrolled.office), page)
    redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    assert still_awaited(enrolled)[0].wrong_days == 3, "the right day counts for none"
    made(enrolled)
    assert [one.wrong_days for one in still_awaited(enrolled)] == [0, 0, 0], "they were of the code before"


def test_who_gives_an_address_with_a_coupon_is_not_said_to_be_the_candidate(
    enrolled: World, clock: Clock, store: Connections
) -> None:
    first = made(enrolled)[0]
    redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())
    person = person_of(first)
    link = store.database.events.find_one({"chain": f"person:{person.id}", "name": "entry_code_given"})
    assert link is not None and link["by"] == "code_holder"
    (said,) = [act["quoi"] for act in own_data.own_data(Actor(person))["actes"] if "code de première" in act["quoi"]]
    assert said.startswith("Une personne qui avait le coupon, sans être connectée, a donné une adresse")


def test_a_code_of_whose_enrolment_was_undone_is_over(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)[0]
    roster_undo.undo(enrolled.actor(enrolled.office), RosterImport.objects.get(), "Mauvaise liste", clock())
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())


def test_a_suspended_person_comes_in_by_no_code(enrolled: World, clock: Clock) -> None:
    first = made(enrolled)[0]
    suspensions.suspend(enrolled.actor(enrolled.administrator), person_of(first), "Doublon", clock())
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address(first.code, CHLOE, "chloe@exemple.fr", clock())


def test_whoever_has_an_address_gets_no_code(world: World, clock: Clock) -> None:
    world.new_candidacy()
    with pytest.raises(making.NobodyWithoutAddress):
        made(world)


def test_a_teacher_makes_no_codes(enrolled: World, clock: Clock) -> None:
    with pytest.raises((Forbidden, NotFound)):
        making.make_codes(enrolled.actor(enrolled.follower), enrolled.school, enrolled.session, clock())


def test_the_coupons_of_each_class_stand_on_their_own_page_with_their_codes(enrolled: World, clock: Clock) -> None:
    office = enrolled.actor(enrolled.office)
    pdf = pypdfium2.PdfDocument(io.BytesIO(coupons.coupons_pdf(office, enrolled.school, enrolled.session, clock())))
    pages = [page.get_textpage().get_text_range() for page in pdf]
    assert len(pages) == 2
    assert "Chloé Abadie" in pages[0] and "Hugo Brun" in pages[0] and "Inès Caron" in pages[1]
    codes = re.findall(r"[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}", "".join(pages))
    assert len(codes) == 3
    assert "/code" in pages[0] and "votre date de naissance" in " ".join(pages[0].split())
    assert "2006" not in pages[0], "a coupon that was found does not say the day"
    redeeming.give_address(codes[0], CHLOE, "chloe@exemple.fr", clock())
    attached = pdf.get_attachment(0).get_data()
    assert not any(code_words.as_typed(code) in code_words.as_typed(bytes(attached).decode()) for code in codes)


def test_a_class_of_35_is_one_page(enrolled: World, clock: Clock) -> None:
    one = made(enrolled, "BTS2 A")[0]
    pdf = pypdfium2.PdfDocument(io.BytesIO(coupons.render([one] * 35, enrolled.school, enrolled.session, clock())))
    assert len(pdf) == 1
    lines = pdf[0].get_textpage().get_text_range()
    asked = re.search(r"2\. Tapez ce code, votre date de naissance et votre e\W{1,2}mail\.\r?\n3\. Ouvrez", lines)
    assert asked, "on two lines, what follows would be cut from a small coupon"


def test_rows_of_mail_name_no_address(enrolled: World, store: Connections, clock: Clock) -> None:
    redeeming.give_address(made(enrolled)[0].code, CHLOE, "chloe@exemple.fr", clock())
    assert "chloe" not in str(rows(store)[-1])
