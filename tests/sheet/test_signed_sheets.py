"""A sheet that is drawn up: signed by both, voided, and put on paper."""

from __future__ import annotations

import hashlib
import io
import re
from functools import partial

import openpyxl
import pypdfium2
import pytest

from portfolio.documents import Commission, Jury, Person, Result, Sheet
from portfolio.documents.fields import place_of
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow, Stale
from portfolio.identity import sign_ins
from portfolio.ids import new_id
from portfolio.sheet import draw_up, forms
from portfolio.sheet.draw_up import ResultPublished
from tests.support.worlds.commissions import (
    PASSWORD,
    assessment_of,
    at_once,
    drafted,
    fill,
    grid_of,
    signed,
    transmitted,
    with_password,
)
from tests.support.worlds.world import World

confirm_and_sign = partial(draw_up.sign, confirmed=True)


def sign(world: World, sheet: Sheet, person: Person, digest: str | None = None, password: str = PASSWORD) -> Sheet:
    with_password(person)
    fresh = Sheet.objects.get(pk=sheet.id)
    return draw_up.sign(world.actor(person), fresh, digest or sheet.digest, password, world.clock(), confirmed=True)


def void(world: World, sheet: Sheet, person: Person, reason: str = "Erreur de saisie") -> Sheet:
    return draw_up.void(world.actor(person), Sheet.objects.get(pk=sheet.id), reason, world.clock())


def read_pdf(data: bytes) -> str:
    pages = pypdfium2.PdfDocument(data)
    return "\n".join(pages[number].get_textpage().get_text_bounded() for number in range(len(pages)))


def test_two_signatures_make_a_proposal(world: World):
    sheet = drafted(world)
    assert sign(world, sheet, world.tutor).state == "draft"
    sheet = sign(world, sheet, world.follower)
    assert sheet.state == "proposed"
    assert [(one.name, one.digest) for one in sheet.signatures] == [
        (world.tutor.name, sheet.digest),
        (world.follower.name, sheet.digest),
    ]


def test_nobody_signs_twice_nor_for_somebody_else(world: World):
    sheet = sign(world, drafted(world), world.tutor)
    with pytest.raises(draw_up.AlreadySigned):
        sign(world, sheet, world.tutor)
    for person in (world.second_teacher, world.candidate, world.office):
        with pytest.raises(NotFound):
            sign(world, sheet, person)


def test_nobody_signs_what_is_not_what_they_were_shown(world: World):
    with pytest.raises(draw_up.OtherContent):
        sign(world, drafted(world), world.tutor, digest="0" * 64)


def test_a_signature_needs_the_password_again(world: World):
    sheet = drafted(world)
    with pytest.raises(sign_ins.WrongCredentials):
        sign(world, sheet, world.tutor, password="Une autre phrase, bien longue aussi")
    assert Sheet.objects.get(pk=sheet.id).signatures == []


def test_the_same_member_signing_twice_at_once_signs_once(world: World):
    sheet = drafted(world)
    with_password(world.tutor)
    by = world.actor(world.tutor)
    seen = [Sheet.objects.get(pk=sheet.id) for _ in range(2)]
    outcomes = at_once(
        [lambda one=one: confirm_and_sign(by, one, sheet.digest, PASSWORD, world.clock()) for one in seen]
    )
    assert sum(isinstance(one, Sheet) for one in outcomes) == 1
    assert len(Sheet.objects.get(pk=sheet.id).signatures) == 1


def test_both_members_signing_at_once_end_with_both_signatures(world: World):
    sheet = drafted(world)
    people = (world.follower, world.tutor)
    seen = [Sheet.objects.get(pk=sheet.id) for _ in people]
    for person in people:
        with_password(person)
    acts = [
        lambda who=who, one=one: draw_up.sign(
            world.actor(who), one, sheet.digest, PASSWORD, world.clock(), confirmed=True
        )
        for who, one in zip(people, seen, strict=True)
    ]
    for person, outcome in zip(people, at_once(acts), strict=True):
        if isinstance(outcome, Stale):
            sign(world, sheet, person)
    fresh = Sheet.objects.get(pk=sheet.id)
    assert (len(fresh.signatures), fresh.state) == (2, "proposed")


def test_a_voided_sheet_gives_way_to_another_number(world: World):
    sheet = drafted(world)
    commission = Commission.objects.get(pk=sheet.commission)
    voided = void(world, sheet, world.follower, " Observation oubliée ")
    assert (voided.state, voided.live, voided.voided_reason) == ("voided", False, "Observation oubliée")
    assert voided.content == sheet.content
    fill(world, world.tutor, grid_of(commission), {"C1": "TS"})
    again = drafted(world, commission)
    assert again.number == "2027-0690026D-0002"
    for act in (lambda: void(world, sheet, world.tutor), lambda: sign(world, sheet, world.tutor)):
        with pytest.raises(draw_up.SheetVoided):
            act()


def test_voiding_needs_a_reason(world: World):
    with pytest.raises(Invalid):
        void(world, drafted(world), world.follower, "   ")


def test_who_voids_depends_on_how_far_the_sheet_went(world: World):
    jury = world.jury
    draft = drafted(world)
    for person, refusal in ((world.office, NotFound), (world.jury_member, NotFound), (world.second_teacher, NotFound)):
        with pytest.raises(refusal):
            void(world, draft, person)
    proposed = signed(world, draft)
    with pytest.raises(NotFound):
        void(world, proposed, world.jury_member)
    sent = transmitted(world, proposed)
    with pytest.raises(Forbidden):
        void(world, sent, world.tutor)
    before = Jury.objects.get(pk=jury.id).revision
    assert void(world, sent, world.jury_member).state == "voided"
    assert Jury.objects.get(pk=jury.id).revision == before + 1


def test_the_office_voids_until_the_jury_decides(world: World):
    world.jury  # noqa: B018
    sent = transmitted(world)
    assert void(world, sent, world.office).state == "voided"
    assert assessment_of(Commission.objects.get(pk=sent.commission)).state == "open"


def decided(world: World, sheet: Sheet, published: bool) -> None:
    values = {"sheet": sheet.id, "final_mark": sheet.proposed_mark, "published": published}
    Result(
        id=new_id(),
        created_at=world.clock(),
        decided_by=world.jury_member.id,
        decided_at=world.clock(),
        **place_of(sheet),
        **values,
    ).save()
    Sheet.objects(pk=sheet.id).update(set__state="final", inc__revision=1)


def test_a_decided_sheet_is_voided_by_the_jury_alone_and_never_once_published(world: World):
    world.jury  # noqa: B018
    sheet = transmitted(world)
    decided(world, sheet, published=False)
    with pytest.raises(Forbidden):
        void(world, sheet, world.office)
    Result.objects(sheet=sheet.id).update(set__published=True)
    with pytest.raises(ResultPublished):
        void(world, sheet, world.jury_member)
    Result.objects(sheet=sheet.id).update(set__published=False)
    assert void(world, sheet, world.jury_member).state == "voided"


def test_two_people_voiding_at_once_void_once(world: World):
    sheet = signed(world)
    outcomes = at_once([lambda one=one: void(world, sheet, one) for one in (world.follower, world.tutor)])
    assert sum(isinstance(one, Sheet) for one in outcomes) == 1
    assert all(isinstance(one, Sheet | NotNow | Stale) for one in outcomes)


def test_the_paper_says_what_it_is_worth(world: World):
    by = world.actor(world.tutor)
    sheet = drafted(world)
    assert "BROUILLON – non signé" in read_pdf(forms.pdf(by, sheet))
    sheet = sign(world, sheet, world.tutor)
    assert "BROUILLON – une seule signature" in read_pdf(forms.pdf(by, sheet))
    sheet = sign(world, sheet, world.follower)
    text = read_pdf(forms.pdf(by, sheet))
    assert "BROUILLON" not in text
    assert "MODÈLE PROVISOIRE" in text.upper()
    assert len(re.findall(r"Signé le 12/01/2027", text)) == 2
    sheet = void(world, sheet, world.tutor, "Note mal saisie")
    assert "ANNULÉE : Note mal saisie" in read_pdf(forms.pdf(by, sheet))


def test_the_workbook_holds_the_content_that_was_signed(world: World):
    sheet = signed(world)
    book = openpyxl.load_workbook(io.BytesIO(forms.xlsx(world.actor(world.tutor), sheet)))
    cells = {row[0]: row[1] for row in book["Données"].iter_rows(values_only=True)}
    assert cells["/mark/proposed"] == "14.50"
    assert cells["/number"] == sheet.number


def test_the_json_is_the_very_content_that_was_signed(world: World):
    sheet = signed(world)
    data = forms.canonical_json(world.actor(world.tutor), sheet)
    assert {hashlib.sha256(data).hexdigest()} == {one.digest for one in sheet.signatures}


def test_whoever_may_not_read_a_sheet_reads_none_of_its_papers(world: World):
    sheet = drafted(world)
    for person in (world.candidate, world.office, world.second_teacher, world.inspector, world.jury_member):
        for paper in (forms.pdf, forms.xlsx, forms.canonical_json, forms.content):
            with pytest.raises(NotFound):
                paper(world.actor(person), sheet)
