"""Enrolment: the form of the exam with its reason, one candidacy per person and session, followers, adaptations."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Link, Person, Portfolio, School
from portfolio.enrolment import enrol, institutions
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.rules.eligibility import RULE_VERSION
from portfolio.rules.texts.circular import circular_for
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.rules.unlikely_dates import DateToConfirm
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists
from tests.support.acts.enrolling import ZOE, enrolled
from tests.support.worlds.world import World


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
    candidacy, circular = enrolled(world), circular_for("2027", BTS_ASSURANCE_E5)
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


def test_first_years_are_enrolled_before_they_have_a_number(world: World) -> None:
    """Two of them: what neither has is not the same number twice."""
    unnumbered = {"session": "2028", "candidate_number": None}
    first = enrolled(world, **unnumbered)
    second = enrolled(world, **unnumbered, email="leo@exemple.fr", given_names="Léo")
    for candidacy in (first, second):
        kept = Candidacy.objects.get(pk=candidacy.id)
        assert (kept.candidate_number, kept.shown_number, kept.numbered) == (None, "numéro à venir", "numéro à venir")
        assert (kept.circular.id, kept.session) == ("2028", "2028")
    assert enrolled(world, email="ana@exemple.fr", given_names="Ana").circular.id == "2027"  # both years are open


def test_a_number_is_given_when_it_comes_and_is_the_only_one(world: World) -> None:
    by = world.actor(world.office)
    first = enrolled(world, candidate_number=None)
    second = enrolled(world, candidate_number=None, email="leo@exemple.fr", given_names="Léo")
    enrol.amend_candidacy(by, first, {"candidate_number": "02 012 345 678"}, world.clock())
    assert Candidacy.objects.get(pk=first.id).numbered == "n° 02012345678"
    with pytest.raises(AlreadyExists) as refusal:
        enrol.amend_candidacy(by, second, {"candidate_number": "02012345678"}, world.clock())
    assert "02012345678" in refusal.value.errors["candidate_number"][0]
    assert Candidacy.objects.get(pk=second.id).candidate_number is None


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
        ("candidate_number", "sans chiffre"),
        ("ine", "12345"),
        ("birth_name", "=HYPERLINK(1)"),
        ("birth_name", "   "),
        ("given_names", "Zo\u200bé"),
        ("birth_date", "2005-02-30"),
        ("birth_date", "12/04/2005"),
        ("email", "zoe@exemple"),
        ("email", "zoé@exemple.fr"),
    ],
)
def test_a_bad_value_is_refused_by_its_field_and_enrols_nobody(world: World, field: str, value: str) -> None:
    assert list(refused(world, **{field: value})) == [field]
    assert (Candidacy.objects.count(), Person.objects(email__contains="zoe").count()) == (0, 0)


@pytest.mark.parametrize("born", ["0205-04-12", "2027-01-13", "2019-04-12", "1930-04-12"])
def test_a_birth_date_that_makes_no_sense_is_asked_about_and_never_refused(world: World, born: str) -> None:
    office = world.actor(world.office)
    with pytest.raises(DateToConfirm):
        enrol.enrol(office, world.school, ZOE | {"birth_date": born}, world.clock())
    assert Candidacy.objects.count() == 0
    zoe = enrol.enrol(office, world.school, ZOE | {"birth_date": born, "confirmed": True}, world.clock())
    assert (zoe.birth_date, Link.objects.get(name="candidate_enrolled").data["unusual"]) == (born, ["birth"])
    kept = enrol.amend_candidacy(office, zoe, {"birth_date": born, "division": "B"}, world.clock())
    with pytest.raises(DateToConfirm):
        enrol.amend_candidacy(office, kept, {"birth_date": "2030-01-01"}, world.clock())


def test_all_bad_values_are_said_at_once(world: World) -> None:
    assert set(refused(world, ine="1", email="zoe", birth_date="hier")) == {"ine", "email", "birth_date"}


def test_another_school_s_office_enrols_nobody_here(world: World) -> None:
    stranger = world.actor(world.new_office(world.new_school("0690027E")))
    with pytest.raises(NotFound):
        enrol.enrol(stranger, world.school, ZOE, world.clock())
    with pytest.raises(Forbidden):
        enrol.enrol(world.actor(world.follower), world.school, ZOE, world.clock())
