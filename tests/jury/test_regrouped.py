"""A jury for several academies: its members see and decide over all of them, and over no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.archive.retention import register
from portfolio.documents import Academy, AccountChange, Candidacy, Jury, Person, Result, School, Sheet
from portfolio.enrolment import institutions
from portfolio.enrolment.moves import suspensions
from portfolio.errors import Invalid, NotFound
from portfolio.identity import accounts
from portfolio.identity.accounts import AlreadyGranted
from portfolio.identity.dual_control import who_may_confirm
from portfolio.jury import jury as deciding
from portfolio.jury import releases, reserves, sheets, statistics
from portfolio.policy.actions import Action
from portfolio.policy.deciding import BesideItsJury
from portfolio.policy.permissions import allowed, may, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sheet import draw_up
from portfolio.store.journal import AlreadyExists
from tests.support.api.clients import Clients
from tests.support.api.requests import change as change_of
from tests.support.api.requests import expect_problem, get, post_new
from tests.support.filling import fill, followed, shown
from tests.support.worlds.juries import fresh, sheet_of
from tests.support.worlds.world import World

NAMES = {"family_name": "Durand", "given_names": "Paule", "email": "paule@exemple.fr"}
OF_EXAM = {"exam": BTS_ASSURANCE_E5, "session": "2027"}


def academy(world: World, code: str, name: str) -> Academy:
    values = {"code": code, "name": name, "timezone": "Europe/Paris"}
    return institutions.create_academy(world.actor(world.administrator), values, world.clock())


def sheet_in(world: World, where: Academy, uai: str, rank: int) -> Sheet:
    """Of a candidate of a school of this academy, transmitted."""
    school = {"uai": uai, "name": f"Lycée {where.name}", "city": where.name, "kind": "public"}
    school |= {"carried_by_public_body": False, "habilitated": False}
    place = institutions.create_school(world.actor(world.administrator), where, school, world.clock())
    candidacy = world.new_candidacy(birth_name=f"De {where.name}")
    moved = {"school": place.id, "academy": where.code, "candidate_number": f"0300000000{rank}"}
    Candidacy.objects(pk=candidacy.id).update(**{f"set__{name}": value for name, value in moved.items()})
    return sheet_of(world, candidacy=Candidacy.objects.get(pk=candidacy.id))


class Regrouped:
    """Lyon pilots a jury with Grenoble; Paris has its own. A sheet waits in each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.academies = {"08": academy(world, "08", "Grenoble"), "01": academy(world, "01", "Paris")}
        values = {**OF_EXAM, "name": "Jury de Lyon et Grenoble", "with_academies": ["08"]}
        self.jury = institutions.create_jury(self.by(world.administrator), world.academy, values, world.clock())
        self.sheets = {
            "10": sheet_of(world),
            "08": sheet_in(world, self.academies["08"], "0380001V", 1),
            "01": sheet_in(world, self.academies["01"], "0750001U", 2),
        }
        alone = {**OF_EXAM, "name": "Jury de Paris"}
        self.of_paris = institutions.create_jury(
            self.by(world.administrator), self.academies["01"], alone, world.clock()
        )
        self.member = self.invite(self.academies["08"])

    def by(self, person: Person) -> Actor:
        return self.world.actor(person)

    def invite(self, where: Academy, **who: str) -> Person:
        """Invites a member of the jury from the page of this academy; their right counts at once."""
        values = {**NAMES, "role": "jury", **OF_EXAM, **who}
        invited = accounts.invite_staff(self.by(self.world.administrator), where, values, self.world.clock())
        Person.objects(pk=invited.id).update(set__state="active", set__grants__0__waits=None)
        return Person.objects.get(pk=invited.id)


@pytest.fixture
def regrouped(world: World) -> Regrouped:
    return Regrouped(world)


def test_its_members_are_of_all_its_academies_wherever_they_were_invited(regrouped: Regrouped) -> None:
    (grant,) = regrouped.member.grants
    assert (grant.academy, list(grant.academies)) == ("10", ["08", "10"])
    assert (regrouped.jury.academy, list(regrouped.jury.academies)) == ("10", ["08", "10"])


def test_they_see_and_decide_over_all_of_them_and_over_no_other(regrouped: Regrouped, world: World) -> None:
    by, jury = regrouped.by(regrouped.member), regrouped.jury
    readable = Sheet.objects(__raw__=scope(by, Action.READ_SHEET, Sheet)).scalar("academy")
    assert sorted(readable) == ["08", "10"]
    listed = {row.sheet_number for row in sheets.jury_mark_rows(by, jury)}
    assert listed == {regrouped.sheets[code].number for code in ("08", "10")}
    assert statistics.of_jury(by, jury).everyone.sheets == 2
    with pytest.raises(NotFound):
        deciding.set_final_mark(by, fresh(regrouped.sheets["01"]), "12", None, world.clock())
    with pytest.raises(NotFound):
        deciding.publishable(by, regrouped.of_paris)
    deciding.confirm_proposals(by, jury, world.clock())
    assert set(Result.objects.scalar("academy")) == {"08", "10"}
    now = deciding.publishable(by, Jury.objects.get(pk=jury.id))
    assert (now.ready, now.undecided) == (2, 0)
    deciding.publish(by, Jury.objects.get(pk=jury.id), None if not now.left_out else "Un autre jour", world.clock())
    assert set(Result.objects(published=True).scalar("academy")) == {"08", "10"}


def test_an_academy_has_one_jury_for_an_exam_and_session(regrouped: Regrouped, world: World) -> None:
    by = regrouped.by(world.administrator)
    values = {**OF_EXAM, "name": "Jury de Grenoble"}
    with pytest.raises(AlreadyExists):
        institutions.create_jury(by, regrouped.academies["08"], values, world.clock())
    with pytest.raises(Invalid) as refusal:
        institutions.create_jury(by, regrouped.academies["01"], values | {"with_academies": ["99"]}, world.clock())
    assert "99" in refusal.value.errors["with_academies"][0]


def test_a_right_in_one_of_its_academies_alone_opens_no_page_of_the_jury(regrouped: Regrouped, world: World) -> None:
    with pytest.raises(NotFound):
        deciding.publishable(regrouped.by(world.jury_member), regrouped.jury)


def test_a_right_in_one_of_its_academies_alone_reads_and_decides_nothing_there(
    regrouped: Regrouped, world: World, client_for: Clients
) -> None:
    alone, sheet, at = regrouped.by(world.jury_member), fresh(regrouped.sheets["10"]), world.clock()
    assert list(Sheet.objects(__raw__=scope(alone, Action.READ_SHEET, Sheet))) == [sheet]
    for act in (
        lambda: deciding.set_final_mark(alone, sheet, "12", None, at),
        lambda: draw_up.void(alone, sheet, "Relue", at),
        lambda: releases.release_sheet(alone, sheet, "Demande 1", at),
        lambda: reserves.place(alone, Candidacy.objects.get(pk=sheet.candidacy), {"reason": "Copie"}, at),
    ):
        with pytest.raises(BesideItsJury):
            act()
    assert Result.objects.first() is None
    answer = change_of(client_for(world.jury_member), "POST", f"/sheets/{sheet.id}/final-mark", 1, {"mark": "12"})
    assert "une invitation à ce jury" in expect_problem(answer, 403, "beside_its_jury")["detail"]
    assert "set_final_mark" not in allowed(alone, sheet) and "read_sheet" in allowed(alone, sheet)


def test_a_decision_under_way_while_the_jury_of_several_is_opened_is_refused(world: World) -> None:
    of_lyon, sheet = world.actor(world.jury_member), sheet_of(world)
    assert may(of_lyon, Action.SET_FINAL_MARK, sheet), "no jury is open yet"
    academy(world, "08", "Grenoble")
    values = {**OF_EXAM, "name": "Jury de Lyon et Grenoble", "with_academies": ["08"]}
    institutions.create_jury(world.actor(world.administrator), world.academy, values, world.clock())
    with pytest.raises(BesideItsJury):
        deciding.set_final_mark(of_lyon, sheet, "12", None, world.clock())
    assert Result.objects.first() is None


def test_whoever_opens_a_jury_of_several_is_told_which_rights_decide_no_more(world: World, client_for: Clients) -> None:
    earlier = world.jury_member
    academy(world, "08", "Grenoble")
    client, path = client_for(world.administrator), f"/administration/academies/{world.academy.id}"
    jury = {"session": "2027", "name": "Jury de regroupement", "with_academies": ["08"]}
    page = followed(client, fill(client, path, "jury", **jury))
    assert f"Invitez de nouveau : {earlier.name}" in page


def test_a_member_of_the_jury_of_one_academy_reads_nothing_of_the_others(regrouped: Regrouped) -> None:
    of_paris = regrouped.by(regrouped.invite(regrouped.academies["01"], email="paris@exemple.fr"))
    assert list(Sheet.objects(__raw__=scope(of_paris, Action.READ_SHEET, Sheet)).scalar("academy")) == ["01"]
    assert list(Jury.objects(__raw__=scope(of_paris, Action.PUBLISH, Jury))) == [regrouped.of_paris]
    with pytest.raises(NotFound):
        statistics.of_jury(of_paris, regrouped.jury)


def test_who_had_a_right_in_one_academy_is_invited_to_the_jury_once(regrouped: Regrouped, world: World) -> None:
    by, earlier = regrouped.by(world.administrator), world.jury_member
    values = {"family_name": earlier.family_name, "given_names": earlier.given_names, "email": earlier.email}
    values |= {"role": "jury", **OF_EXAM}
    accounts.invite_staff(by, world.academy, values, world.clock())
    grants = Person.objects.get(pk=earlier.id).grants
    assert [list(grant.academies) for grant in grants] == [[], ["08", "10"]]
    with pytest.raises(AlreadyGranted):
        accounts.invite_staff(by, regrouped.academies["08"], values, world.clock())


def test_a_right_over_it_is_confirmed_by_its_members_and_by_none_of_one_academy(
    regrouped: Regrouped, world: World
) -> None:
    by, at = regrouped.by(world.administrator), world.clock()
    alone = world.jury_member
    values = {**NAMES, "email": "nouveau@exemple.fr", "role": "jury", **OF_EXAM}
    invited = accounts.invite_staff(by, world.academy, values, at)
    about_jury = AccountChange.objects.get(person=invited.id)
    assert list(about_jury.juries) == [f"08+10 2027 {BTS_ASSURANCE_E5}"]
    assert who_may_confirm(about_jury, at) == [regrouped.member]
    values |= {"email": "examens@exemple.fr", "role": "exam_service"}
    about_service = AccountChange.objects.get(person=accounts.invite_staff(by, world.academy, values, at).id)
    assert {person.id for person in who_may_confirm(about_service, at)} == {regrouped.member.id, alone.id}
    for change in (about_jury, about_service):
        able = {person.id for person in who_may_confirm(change, at)}
        for person in (regrouped.member, alone):
            assert may(regrouped.by(person), Action.CONFIRM_ACCOUNT_CHANGE, change) == (person.id in able)


def test_where_its_member_was_suspended_a_moment_ago_a_right_there_waits_a_day_more(
    regrouped: Regrouped, world: World
) -> None:
    by, at = regrouped.by(world.administrator), world.clock()
    suspensions.suspend(by, regrouped.member, "Compte prêté", at)
    values = {**NAMES, "email": "examens@exemple.fr", "role": "exam_service", **OF_EXAM}
    invited = accounts.invite_staff(by, world.academy, values, at)
    assert AccountChange.objects.get(person=invited.id).counts_from == at + timedelta(days=2)


def test_the_exam_service_of_one_academy_lists_what_is_of_its_academy(regrouped: Regrouped, world: World) -> None:
    where = {"academy": "08", **OF_EXAM}
    by = regrouped.by(world.person("Examens", world.grant("exam_service", **where)))
    listed = Candidacy.objects(__raw__=sheets.candidates(by, regrouped.jury)).scalar("academy")
    assert list(listed) == ["08"]
    assert len(sheets.jury_mark_rows(by, regrouped.jury)) == 1


def test_what_is_kept_in_an_academy_waits_for_the_jury_that_it_shares(regrouped: Regrouped, world: World) -> None:
    next_year = {**OF_EXAM, "session": "2028", "name": "Jury", "with_academies": ["08"]}
    jury = institutions.create_jury(regrouped.by(world.administrator), world.academy, next_year, world.clock())
    Jury.objects(pk=jury.id).update(set__published_at=world.clock())
    school = School.objects.get(academy="08")
    office = world.new_office(school)
    kept = register(regrouped.by(office), school, "2027", world.clock())
    assert kept.next_published_at == world.clock()


def test_the_administrator_opens_it_and_its_pages_name_its_academies(world: World, client_for: Clients) -> None:
    academy(world, "08", "Grenoble")
    client, path = client_for(world.administrator), f"/administration/academies/{world.academy.id}"
    jury = {"session": "2027", "name": "Jury de regroupement", "with_academies": ["08"]}
    assert "académies 08, 10" in followed(client, fill(client, path, "jury", **jury))
    followed(client, fill(client, path, "staff", role="jury", session="2027", **NAMES))
    person = Person.objects.get(email=NAMES["email"])
    assert "académies 08, 10" in shown(client, f"/comptes/{person.id}")
    assert "jury des académies 08 et 10" in shown(client, "/droits-et-comptes")
    Person.objects(pk=person.id).update(set__grants__0__waits=None, set__state="active")
    (opened,) = Jury.objects
    assert "académies Grenoble, Lyon" in shown(client_for(person), f"/jury/{opened.id}")


def test_the_api_opens_it_and_says_its_academies(world: World, client_for: Clients) -> None:
    academy(world, "08", "Grenoble")
    client = client_for(world.administrator)
    said = {"session": "2027", "name": "Jury", "with_academies": ["08"]}
    made = post_new(client, f"/academies/{world.academy.id}/juries", said).json
    assert (made["academy"], made["academies"]) == ("10", ["08", "10"])
    assert [jury["academies"] for jury in get(client, "/juries").json["items"]] == [["08", "10"]]
