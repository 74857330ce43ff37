"""Teachers and tutors without an address come in by a code on paper, with their family name."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest

from portfolio.boards import own_data
from portfolio.documents import Candidacy, Invitation, Link, Person
from portfolio.documents.people import PersonState
from portfolio.enrolment import email_corrections
from portfolio.enrolment.entry_codes import code_words, redeeming, signatories, signatory_coupons
from portfolio.enrolment.entry_codes.making import WRONG_ANSWERS, CodeNotNeeded, NobodyWithoutAddress, make_codes
from portfolio.enrolment.entry_codes.signatories import SignatoryCode
from portfolio.errors import Forbidden, Invalid, NotFound, TooMany
from portfolio.identity import invitations
from portfolio.policy.relations import Actor
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, rows, token_in, words_of
from tests.support.worlds import commissions
from tests.support.worlds.world import World

PHRASE = "Sept mots font une bonne phrase secrète"
ADDRESS = "paule@exemple.fr"


def never_came(person: Person, **names: str) -> Person:
    changed = {f"set__{name}": value for name, value in names.items()}
    Person.objects(pk=person.id).update(unset__email=1, unset__password=1, set__state="invited", **changed)
    person.reload()
    return person


@pytest.fixture
def tutor(world: World) -> Person:
    """The tutor of the world has no address and never came."""
    assert world.placement.tutor == world.tutor.id
    return never_came(world.tutor, family_name="LE GARREC-Noël", given_names="Paule")


@pytest.fixture
def teacher(world: World) -> Person:
    assert world.candidacy.followers == [world.follower.id]
    return never_came(world.follower, family_name="Ægidius", given_names="Jean")


def of_tutors(world: World) -> list[SignatoryCode]:
    return signatories.make_codes_of_tutors(world.actor(world.office), world.school, world.session, world.clock())


def of_teachers(world: World) -> list[SignatoryCode]:
    return signatories.make_codes_of_teachers(world.actor(world.office), world.school, world.clock())


def comes_in(code: str, name: str, store: Connections, clock: Clock) -> list[str]:
    """They give their address and prove it; returns the words of all that leaves to it then."""
    redeeming.give_address_by_name(code, name, ADDRESS, clock())
    deliver(clock)
    (invitation,) = [message for message in files(store) if message["To"] == ADDRESS]
    invitations.accept_invitation(token_in(invitation), PHRASE, clock())
    clock.advance(days=1)  # one mail a day lists all that waits
    deliver(clock)
    return [words_of(message) for message in files(store) if message["To"] == ADDRESS][1:]


def test_a_tutor_gives_an_address_with_their_name_whatever_its_accents_and_what_waited_leaves(
    world: World, tutor: Person, store: Connections, clock: Clock
) -> None:
    requests.request(world.actor(world.candidate), world.activity, "tutor", None, clock())
    clock.advance(days=1)
    deliver(clock)
    assert "no_address" in [row.get("outcome") for row in rows(store)]
    (made,) = of_tutors(world)
    place = f"{world.placement.company_name}, {world.placement.company_city}"
    assert (made.signatory.person.id, made.signatory.place) == (tutor.id, place)
    told = comes_in(made.code, "le garrec noel", store, clock)
    person = Person.objects.get(pk=tutor.id)
    assert (person.email, person.state) == (ADDRESS, PersonState.ACTIVE)
    assert len(told) == 1, "what was asked of them before they had an address"
    with pytest.raises(redeeming.EntryCodeUsed):
        redeeming.give_address_by_name(made.code, "Le Garrec Noël", "autre@exemple.fr", clock())
    with pytest.raises(NobodyWithoutAddress):
        of_tutors(world)


def test_a_teacher_gives_an_address_with_their_name_and_what_waited_leaves(
    world: World, teacher: Person, store: Connections, clock: Clock
) -> None:
    requests.request(world.actor(world.candidate), world.activity, "teacher", world.follower.id, clock())
    clock.advance(days=1)
    deliver(clock)
    assert "no_address" in [row.get("outcome") for row in rows(store)]
    (made,) = of_teachers(world)
    assert len(comes_in(made.code, "AEGIDIUS", store, clock)) == 1
    assert Person.objects.get(pk=teacher.id).email == ADDRESS


def test_a_name_that_is_not_theirs_is_tried_five_times_an_hour_and_asks_for_no_mail(
    world: World, tutor: Person, store: Connections, clock: Clock
) -> None:
    (made,) = of_tutors(world)
    before = rows(store)
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            redeeming.give_address_by_name(made.code, "Garnier", world.office.email, clock())
        assert list(refused.value.errors) == ["family_name"], "nor is it said whose an address is"
    with pytest.raises(TooMany):
        redeeming.give_address_by_name(made.code, tutor.family_name, ADDRESS, clock())
    assert rows(store) == before
    (awaited,) = signatories.awaited_tutors(world.actor(world.office), world.school, world.session, clock())
    assert awaited.way.wrong_answers == 5
    clock.advance(hours=1, minutes=1)
    redeeming.give_address_by_name(made.code, tutor.family_name, ADDRESS, clock())


def test_names_are_not_guessed_one_hour_after_another(world: World, tutor: Person, clock: Clock) -> None:
    (made,) = of_tutors(world)
    for rank in range(WRONG_ANSWERS.most):
        with pytest.raises(Invalid):
            redeeming.give_address_by_name(made.code, f"Nom {rank}", ADDRESS, clock())
        clock.advance(hours=2)
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address_by_name(made.code, tutor.family_name, ADDRESS, clock())
    (awaited,) = signatories.awaited_tutors(world.actor(world.office), world.school, world.session, clock())
    assert awaited.way.code_until is None, "the office sees that it is to be printed again"
    assert awaited.way.ended_by_tries, "and why"
    of_tutors(world)
    (awaited,) = signatories.awaited_tutors(world.actor(world.office), world.school, world.session, clock())
    assert not awaited.way.ended_by_tries


def test_a_name_without_letters_takes_no_try(world: World, tutor: Person, clock: Clock) -> None:
    (made,) = of_tutors(world)
    for _ in range(6):
        with pytest.raises(Invalid) as refused:
            redeeming.give_address_by_name(made.code, " - ", "paule", clock())
        assert refused.value.errors.keys() == {"family_name", "email"}


def test_neither_door_takes_the_coupon_of_the_other(world: World, tutor: Person, clock: Clock) -> None:
    never_came(world.candidate)
    (made,) = of_tutors(world)
    with pytest.raises(redeeming.CodeAsksName):
        redeeming.give_address(made.code, world.candidacy.birth_date, ADDRESS, clock())
    (theirs,) = make_codes(world.actor(world.office), world.school, world.session, clock())
    with pytest.raises(redeeming.CodeAsksBirthDate):
        redeeming.give_address_by_name(theirs.code, world.candidacy.birth_name, ADDRESS, clock())


def test_an_account_under_the_same_name_is_kept_and_one_of_another_is_refused(
    world: World, tutor: Person, clock: Clock
) -> None:
    (made,) = of_tutors(world)
    known = world.person("Garrec")
    Person.objects(pk=known.id).update(family_name="Le Garrec Noel", given_names="PAULE")
    with pytest.raises(redeeming.AddressOfSameName):
        redeeming.give_address_by_name(made.code, tutor.family_name, known.email, clock())
    with pytest.raises(invitations.AddressOfAnother):
        redeeming.give_address_by_name(made.code, tutor.family_name, world.office.email, clock())


def test_a_lost_coupon_is_printed_again_alone_and_its_code_ends(
    world: World, tutor: Person, teacher: Person, clock: Clock
) -> None:
    (lost,), (kept,) = of_tutors(world), of_teachers(world)
    office = world.actor(world.office)
    again = signatories.make_code_of_signatory(office, world.school, Person.objects.get(pk=tutor.id), clock())
    with pytest.raises(redeeming.EntryCodeOver):
        redeeming.give_address_by_name(lost.code, tutor.family_name, ADDRESS, clock())
    redeeming.give_address_by_name(kept.code, teacher.family_name, "jean@exemple.fr", clock())
    redeeming.give_address_by_name(again.code, tutor.family_name, ADDRESS, clock())
    recorded = Link.objects(name="entry_codes_made").order_by("-seq").first()
    assert recorded.data["people"] == [str(tutor.id)] and recorded.data["replaced"] == 1
    email_corrections.correct(office, Person.objects.get(pk=tutor.id), "note@exemple.fr", clock())
    with pytest.raises(CodeNotNeeded):
        signatories.make_code_of_signatory(office, world.school, Person.objects.get(pk=tutor.id), clock())


def test_whoever_sits_on_a_commission_gets_no_coupon(world: World, tutor: Person, clock: Clock) -> None:
    commissions.convened(world, second=world.placement.tutor)
    office = world.actor(world.office)
    (awaited,) = signatories.awaited_tutors(office, world.school, world.session, clock())
    assert awaited.seated
    with pytest.raises(NobodyWithoutAddress):
        of_tutors(world)
    with pytest.raises(signatories.SeatedWithoutAddress):
        signatories.make_code_of_signatory(office, world.school, Person.objects.get(pk=tutor.id), clock())


def test_a_coupon_opens_nothing_once_its_owner_reads_marks(
    world: World, tutor: Person, teacher: Person, store: Connections, clock: Clock
) -> None:
    (of_tutor,), (of_teacher,) = of_tutors(world), of_teachers(world)
    redeeming.give_address_by_name(of_tutor.code, tutor.family_name, ADDRESS, clock())
    deliver(clock)
    (asked,) = [message for message in files(store) if message["To"] == ADDRESS]
    assert invitations.invitation_holds(token_in(asked), clock())
    commissions.convened(world, second=world.placement.tutor)
    Person.objects(pk=teacher.id).update(push__grants=world.grant("office", school=world.school.id))
    for made, person in ((of_tutor, tutor), (of_teacher, teacher)):
        with pytest.raises(redeeming.EntryCodeOver):
            redeeming.give_address_by_name(made.code, person.family_name, "autre@exemple.fr", clock())
    assert not invitations.invitation_holds(token_in(asked), clock()), "the page says so before a password is typed"
    with pytest.raises(invitations.InvitationOver):
        invitations.accept_invitation(token_in(asked), PHRASE, clock())
    assert Person.objects.get(pk=tutor.id).email is None


def test_who_is_known_elsewhere_gets_no_coupon_as_no_office_alone_notes_their_address(
    world: World, teacher: Person, clock: Clock
) -> None:
    elsewhere, office = world.new_school("0690027E"), world.actor(world.office)
    theirs = {"push__grants": world.grant("teacher", school=elsewhere.id), "push__schools": elsewhere.id}
    Person.objects(pk=teacher.id).update(**theirs)
    with pytest.raises(email_corrections.AddressInUse):
        email_corrections.correct(office, Person.objects.get(pk=teacher.id), ADDRESS, clock())
    (awaited,) = signatories.awaited_teachers(office, world.school, clock())
    assert awaited.known_elsewhere and not awaited.able
    with pytest.raises(signatories.KnownElsewhere):
        signatories.make_code_of_signatory(office, world.school, Person.objects.get(pk=teacher.id), clock())
    with pytest.raises(NobodyWithoutAddress):
        of_teachers(world)


def test_the_office_of_the_school_alone_makes_codes(world: World, tutor: Person, teacher: Person, clock: Clock) -> None:
    elsewhere = world.new_school("0690027E")
    stranger = world.actor(world.new_office(elsewhere))
    for by in (world.actor(world.second_teacher), world.actor(world.candidate), stranger):
        for make in (
            lambda by: signatories.make_codes_of_teachers(by, world.school, clock()),
            lambda by: signatories.make_codes_of_tutors(by, world.school, world.session, clock()),
            lambda by: signatories.make_code_of_signatory(by, world.school, tutor, clock()),
        ):
            with pytest.raises((Forbidden, NotFound)):
                make(by)
    with pytest.raises(NotFound):
        signatories.make_code_of_signatory(stranger, elsewhere, tutor, clock())
    with pytest.raises(CodeNotNeeded):
        signatories.make_code_of_signatory(world.actor(world.office), world.school, world.second_teacher, clock())


def test_one_who_may_give_rights_is_invited_by_mail_alone(world: World, clock: Clock) -> None:
    both = world.person("Deux", world.grant("teacher", school=world.school.id), schools=(world.school.id,))
    Person.objects(pk=both.id).update(push__grants=world.grant("office", school=world.school.id))
    never_came(both)
    with pytest.raises(NobodyWithoutAddress):
        of_teachers(world)


def test_the_paper_says_no_family_name_on_a_coupon_and_lists_them_to_keep(
    world: World, tutor: Person, clock: Clock
) -> None:
    office = world.actor(world.office)
    pdf = pypdfium2.PdfDocument(io.BytesIO(signatory_coupons.tutors_pdf(office, world.school, world.session, clock())))
    (text,) = [page.get_textpage().get_text_range() for page in pdf]
    coupon, _, kept = " ".join(text.split()).partition("Liste de remise")
    assert "Paule" in coupon and "GARREC" not in coupon and "LE GARREC" in kept
    assert "/code/pro" in coupon and "votre nom de famille" in coupon
    (code,) = re.findall(r"[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}", text)
    attached = bytes(pdf.get_attachment(0).get_data()).decode()
    assert code_words.as_typed(code) not in code_words.as_typed(attached)
    redeeming.give_address_by_name(code, tutor.family_name, ADDRESS, clock())


def test_a_class_of_35_tutors_is_one_page_to_cut_and_one_to_keep(world: World, tutor: Person, clock: Clock) -> None:
    (one,) = of_tutors(world)
    pdf = pypdfium2.PdfDocument(io.BytesIO(signatory_coupons.render([one] * 35, world.school, world.session, clock())))
    assert len(pdf) == 2
    assert "Liste de remise" not in pdf[0].get_textpage().get_text_range()


def test_no_code_is_stored_and_the_act_is_said_to_its_owner(
    world: World, tutor: Person, store: Connections, clock: Clock
) -> None:
    (made,) = of_tutors(world)
    kept = str([list(store.database[name].find()) for name in store.database.list_collection_names()])
    assert made.code not in kept and code_words.as_typed(made.code) not in kept
    redeeming.give_address_by_name(made.code, tutor.family_name, ADDRESS, clock())
    acts = [act["quoi"] for act in own_data.own_data(Actor(Person.objects.get(pk=tutor.id)))["actes"]]
    assert [act for act in acts if act.startswith("Une personne qui avait le coupon")]
    assert Invitation.objects(person=tutor.id).count() == 2


def test_two_namesakes_are_told_apart_by_their_candidates_in_the_order_of_names(
    world: World, tutor: Person, clock: Clock
) -> None:
    other = world.new_candidacy(given_names="Zoé", division=world.candidacy.division)
    placement = world.new_placement(other)
    namesake = never_came(Person.objects.get(pk=placement.tutor), family_name="Le Garrec-Noel", given_names="paule")
    Candidacy.objects(pk=other.id).update(name_key="a first of all")
    office = world.actor(world.office)
    listed = signatories.awaited_tutors(office, world.school, world.session, clock())
    assert [awaited.person.id for awaited in listed] == [tutor.id, namesake.id]
    names = [world.candidacy.display_name, other.display_name]
    assert [awaited.candidate for awaited in listed] == names
    printed = words_of_pdf(signatory_coupons.tutors_pdf(office, world.school, world.session, clock()))
    assert [name for name in names if f"tuteur de {name}" in printed] == names


def test_the_coupons_of_teachers_are_marked_as_fictional_where_a_school_rehearses(
    world: World, teacher: Person, clock: Clock
) -> None:
    office = world.actor(world.office)
    assert "FICTIF" not in words_of_pdf(signatory_coupons.teachers_pdf(office, world.school, clock()))
    Candidacy.objects(pk=world.candidacy.id).update(session="2027R")
    assert "FICTIF" in words_of_pdf(signatory_coupons.teachers_pdf(office, world.school, clock()))
    assert "FICTIF" in words_of_pdf(
        signatory_coupons.signatory_pdf(office, world.school, Person.objects.get(pk=teacher.id), clock())
    )


def words_of_pdf(data: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).replace("\xa0", " ").split())
