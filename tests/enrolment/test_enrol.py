"""Enrolment: the form of the exam with its reason, one candidacy per person and session, followers, adaptations."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Person, Portfolio, School
from portfolio.enrolment import enrol, institutions
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.identity import rights
from portfolio.rules.circular import circular_for
from portfolio.rules.eligibility import RULE_VERSION
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists
from tests.support.worlds.world import World

ZOE = {
    "session": "2027",
    "candidate_number": "02 012 345 678",
    "ine": "123456789ab",
    "birth_name": "Lefèvre",
    "given_names": "Zoé  Marie",
    "birth_date": "2005-04-12",
    "email": "Zoe.Lefevre@Exemple.fr",
    "status": "scolaire",
    "division": "TS2A",
}


def enrolled(world: World, school: School | None = None, **changed: Any) -> Candidacy:
    school = school or world.school
    office = world.office if school.id == world.school.id else world.new_office(school)
    return enrol.enrol(world.actor(office), school, ZOE | changed, world.clock())


def refused(world: World, school: School | None = None, **changed: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        enrolled(world, school, **changed)
    return refusal.value.errors


def mails(store: Connections) -> int:
    return store.database["outbox"].count_documents({"kind": "invitation"})


# --- what is kept ---------------------------------------------------------------------------------


def test_a_candidate_is_enrolled_as_the_exam_knows_them(world: World, store: Connections) -> None:
    candidacy = Candidacy.objects.get(pk=enrolled(world).id)
    assert candidacy.candidate_number == "02012345678"
    assert (candidacy.ine, candidacy.given_names, candidacy.birth_date) == ("123456789AB", "Zoé Marie", "2005-04-12")
    assert candidacy.name_key == "lefevre zoe marie"
    person = Person.objects.get(pk=candidacy.person)
    assert (person.email, person.name, person.state) == ("zoe.lefevre@exemple.fr", "Zoé Marie Lefèvre", "invited")
    assert [(grant.role, grant.candidacy) for grant in person.grants] == [("candidate", candidacy.id)]
    assert mails(store) == 1


def test_a_candidacy_is_pinned_to_the_circular_and_referential_of_its_session(world: World) -> None:
    candidacy, circular = enrolled(world), circular_for("2027")
    for pin, source in ((candidacy.circular, circular), (candidacy.referential, circular.referential)):
        assert (pin.id, pin.version, pin.sha256) == (source.id, source.version, source.sha256)
        assert len(pin.sha256) == 64


def test_a_usage_name_is_what_the_person_is_called(world: World) -> None:
    candidacy = enrolled(world, usage_name="Moreau")
    assert Person.objects.get(pk=candidacy.person).family_name == "Moreau"
    assert candidacy.name_key == "lefevre zoe marie"  # lists sort by the birth name, as the exam does


def test_a_rehearsal_is_enrolled_beside_the_real_session(world: World) -> None:
    real, rehearsal = enrolled(world), enrolled(world, session="2027r")
    assert (real.session, rehearsal.session) == ("2027", "2027R")
    assert real.person == rehearsal.person


# --- CCF or written paper (D643-19) ---------------------------------------------------------------


def private_school(world: World) -> School:
    said = {"uai": "0690027E", "name": "École privée", "city": "Lyon", "kind": "prive_hors_contrat"}
    said |= {"carried_by_public_body": False, "habilitated": False}
    return institutions.create_school(world.actor(world.administrator), world.academy, said, world.clock())


def test_the_decision_on_ccf_is_kept_with_its_reason_and_rule(world: World) -> None:
    ccf = enrolled(world).ccf
    assert (ccf.form, ccf.reason_code, ccf.rule_version) == ("ccf", "school_public_or_contract", RULE_VERSION)
    assert "D643-19" in ccf.reason
    assert ccf.override_reference is None
    assert Portfolio.objects.count() == 1


@pytest.mark.parametrize("changed", [{"status": "experience"}, {"distance": True}])
def test_a_candidate_to_the_written_paper_is_recorded_without_portfolio(world: World, changed: dict[str, Any]) -> None:
    candidacy = enrolled(world, **changed)
    assert candidacy.ccf.form == "ponctuelle"
    assert Candidacy.objects.count() == 1
    assert Portfolio.objects.count() == 0


def test_a_school_without_contract_sends_to_the_written_paper(world: World) -> None:
    assert enrolled(world, private_school(world)).ccf.reason_code == "school_without_contract"


def test_the_rectorat_decides_otherwise_with_its_reference(world: World) -> None:
    override = {"form": "ccf", "decision_reference": "Rectorat 2026-114 du 3 novembre"}
    ccf = enrolled(world, private_school(world), ccf_override=override).ccf
    assert (ccf.form, ccf.reason_code) == ("ccf", "rectorat_decision")
    assert ccf.override_reference == "Rectorat 2026-114 du 3 novembre"
    assert "Rectorat 2026-114" in ccf.reason
    assert "hors contrat" in ccf.reason  # what the rule alone would have given
    assert Portfolio.objects.count() == 1


def test_an_override_without_its_reference_is_refused(world: World) -> None:
    assert refused(world, ccf_override={"form": "ccf", "decision_reference": "  "})
    assert Candidacy.objects.count() == 0


# --- one person, one candidacy --------------------------------------------------------------------


def test_a_candidate_number_taken_in_the_academy_is_named(world: World) -> None:
    enrolled(world)
    with pytest.raises(AlreadyExists) as refusal:
        enrolled(world, world.new_school("0690027E"), email="autre@exemple.fr")
    assert "02012345678" in refusal.value.errors["candidate_number"][0]
    assert "2027" in refusal.value.message
    assert Person.objects(email="autre@exemple.fr").count() == 0  # all or nothing


def test_somebody_is_a_candidate_once_in_a_session(world: World) -> None:
    enrolled(world)
    with pytest.raises(AlreadyExists) as refusal:
        enrolled(world, candidate_number="02012345679")
    assert list(refusal.value.errors) == ["email"]
    assert Candidacy.objects.count() == 1
    assert len(Person.objects.get(email="zoe.lefevre@exemple.fr").grants) == 1


def test_somebody_who_sits_again_keeps_their_account(world: World, store: Connections) -> None:
    first = enrolled(world)
    Person.objects(pk=first.person).update(set__state="active")
    again = enrolled(world, session="2027R", usage_name="Moreau")  # married since
    assert again.person == first.person
    assert mails(store) == 1


def test_a_brother_at_the_family_s_address_is_not_his_sister(world: World) -> None:
    enrolled(world)
    errors = refused(world, given_names="Léo", candidate_number="02012345679")
    assert "sous un autre nom" in errors["email"][0]


# --- bad values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("session", "20277"),
        ("session", "2035"),  # no circular is installed
        ("candidate_number", "1,23E+10"),
        ("candidate_number", "123"),
        ("ine", "12345"),
        ("birth_name", "=HYPERLINK(1)"),
        ("birth_name", "   "),
        ("given_names", "Zo\u200bé"),
        ("birth_date", "2005-02-30"),
        ("birth_date", "12/04/2005"),
        ("birth_date", "0205-04-12"),
        ("birth_date", "2027-04-12"),
        ("email", "zoe@exemple"),
        ("email", "zoé@exemple.fr"),
    ],
)
def test_a_bad_value_is_refused_by_its_field_and_enrols_nobody(world: World, field: str, value: str) -> None:
    assert list(refused(world, **{field: value})) == [field]
    assert (Candidacy.objects.count(), Person.objects(email__contains="zoe").count()) == (0, 0)


def test_all_bad_values_are_said_at_once(world: World) -> None:
    assert set(refused(world, ine="1", email="zoe", birth_date="hier")) == {"ine", "email", "birth_date"}


def test_another_school_s_office_enrols_nobody_here(world: World) -> None:
    stranger = world.actor(world.new_office(world.new_school("0690027E")))
    with pytest.raises(NotFound):
        enrol.enrol(stranger, world.school, ZOE, world.clock())
    with pytest.raises(Forbidden):
        enrol.enrol(world.actor(world.follower), world.school, ZOE, world.clock())


# --- amendments -----------------------------------------------------------------------------------


def test_an_amended_name_renames_the_person_and_sorts_anew(world: World) -> None:
    candidacy = enrolled(world)
    office = world.actor(world.office)
    enrol.amend_candidacy(office, candidacy, {"birth_name": "Lefebvre", "usage_name": "Abel"}, world.clock())
    stored = Candidacy.objects.get(pk=candidacy.id)
    assert (stored.birth_name, stored.name_key) == ("Lefebvre", "lefebvre zoe marie")
    assert Person.objects.get(pk=candidacy.person).name == "Zoé Marie Abel"
    again = enrolled(world, session="2027R", birth_name="Lefebvre", usage_name="Abel")
    assert again.person == candidacy.person


def test_whoever_signs_elsewhere_keeps_the_name_they_sign_with(world: World) -> None:
    candidacy = enrolled(world)
    Person.objects(pk=candidacy.person).update(push__grants=world.grant("jury", academy="01", session="2027"))
    enrol.amend_candidacy(world.actor(world.office), candidacy, {"birth_name": "Lefebvre"}, world.clock())
    assert Candidacy.objects.get(pk=candidacy.id).birth_name == "Lefebvre"
    assert Person.objects.get(pk=candidacy.person).family_name == "Lefèvre"


def test_what_may_be_absent_can_be_emptied_and_the_rest_stays(world: World) -> None:
    candidacy = enrolled(world, usage_name="Moreau")
    nothing = {"ine": None, "usage_name": None, "division": None, "birth_name": None}
    enrol.amend_candidacy(world.actor(world.office), candidacy, nothing, world.clock())
    stored = Candidacy.objects.get(pk=candidacy.id)
    assert (stored.ine, stored.usage_name, stored.division, stored.birth_name) == (None, None, None, "Lefèvre")
    assert Person.objects.get(pk=candidacy.person).family_name == "Lefèvre"


def test_an_amendment_on_an_old_revision_changes_nothing(world: World) -> None:
    enrolled(world)
    mine, theirs = Candidacy.objects.first(), Candidacy.objects.first()
    office = world.actor(world.office)
    enrol.amend_candidacy(office, theirs, {"division": "TS2B"}, world.clock())
    with pytest.raises(Stale):
        enrol.amend_candidacy(office, mine, {"birth_name": "Autre"}, world.clock())
    assert Person.objects.get(pk=mine.person).family_name == "Lefèvre"


def test_a_number_is_not_amended_into_another_s(world: World) -> None:
    enrolled(world)
    other = enrolled(world, candidate_number="02012345679", email="leo@exemple.fr", given_names="Léo")
    with pytest.raises(AlreadyExists):
        said = {"candidate_number": "02012345678"}
        enrol.amend_candidacy(world.actor(world.office), other, said, world.clock())


# --- followers ------------------------------------------------------------------------------------


def test_followers_teach_here_and_now(world: World) -> None:
    candidacy, office = enrolled(world), world.actor(world.office)
    left = world.new_teacher(world.school)
    rights.revoke_grant(office, left, left.grants[0].id, world.clock())
    elsewhere = world.new_teacher(world.new_school("0690027E"))
    for stranger in (left, elsewhere, world.office, Person.objects.get(pk=candidacy.person)):
        with pytest.raises(Invalid) as refusal:
            enrol.set_followers(office, candidacy, [world.follower.id, stranger.id], world.clock())
        assert list(refusal.value.errors) == ["followers"]
    assert Candidacy.objects.get(pk=candidacy.id).followers == []


def test_neither_the_candidate_nor_their_tutor_follows(world: World) -> None:
    office, candidacy = world.actor(world.office), world.candidacy
    teaches = world.grant("teacher", school=world.school.id)
    for person in (candidacy.person, world.placement.tutor):
        Person.objects(pk=person).update(push__grants=teaches)
        with pytest.raises(Invalid) as refusal:
            enrol.set_followers(office, candidacy, [person], world.clock())
        assert list(refusal.value.errors) == ["followers"]


def test_followers_are_replaced_each_once_and_may_be_none(world: World) -> None:
    candidacy, office = enrolled(world), world.actor(world.office)
    twice = [world.follower.id, world.second_teacher.id, world.follower.id]
    enrol.set_followers(office, candidacy, twice, world.clock())
    assert Candidacy.objects.get(pk=candidacy.id).followers == twice[:2]
    assert world.actor(world.follower).followed == [candidacy.id]
    enrol.set_followers(office, Candidacy.objects.get(pk=candidacy.id), [], world.clock())
    assert world.actor(world.follower).followed == []


# --- adaptations ----------------------------------------------------------------------------------


def test_an_adaptation_keeps_the_decision_and_its_effect_and_has_no_place_for_a_ground(world: World) -> None:
    candidacy = enrolled(world)
    said = {"decision_reference": "DEC 2026-77", "effect": "Délai de deux semaines", "deadline": world.later(days=30)}
    ground = {"medical_ground": "dyslexie", "reason": "dyslexie"}
    enrol.adapt(world.actor(world.office), candidacy, said | ground, world.clock())
    (kept,) = Candidacy.objects.get(pk=candidacy.id).adaptations
    assert set(kept.to_mongo()) - {"_cls"} == {"decision_reference", "effect", "deadline", "notified_at"}
    assert kept.notified_at == world.clock()


def test_the_journal_tells_of_enrolment_without_personal_data(world: World, store: Connections) -> None:
    candidacy = enrolled(world)
    said = {"decision_reference": "DEC 2026-77", "effect": "Tiers temps"}
    enrol.adapt(world.actor(world.office), candidacy, said, world.clock())
    enrol.amend_candidacy(world.actor(world.office), candidacy, {"birth_name": "Lefebvre"}, world.clock())
    told = str(list(store.database["events"].find()))
    assert "candidate_enrolled" in told
    for personal in ("Lefèvre", "Lefebvre", "zoe.lefevre", "02012345678", "123456789AB", "2005-04-12", "Tiers temps"):
        assert personal not in told
