"""Every form that takes a day asks about one that makes no sense, and takes it once it is confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from portfolio.documents import Activity, Link
from tests.support.acts.enrolling import other_school
from tests.support.api.clients import Clients
from tests.support.filling import fill, words
from tests.support.worlds.sitting import Sitting
from tests.support.worlds.world import World

TUTOR = {"tutor.given_names": "Ana", "tutor.family_name": "Petit", "tutor.email": "ana.petit@exemple.fr"}
COMPANY = {"company.name": "Assur", "company.city": "Lyon", "company.siret": "73282932000074"}
PERIOD = {"kind": "stage", "starts_on": "1970-01-05", "ends_on": "1970-02-06", "days": "20"}


class Form(NamedTuple):
    """whose: the name of who sends it. page, name: of the form. typed: with the day that makes no sense."""

    whose: str
    page: str
    name: str
    typed: dict[str, Any]
    code: str = "far"


def _activity(world: World) -> Form:
    typed = {"title": "Relance", "context": "classe", "starts_on": "1970-01-01"}
    return Form("candidate", f"/portfolio/{world.portfolio.id}/activites/nouvelle", "new-activity", typed)


def _outside_placement(world: World) -> Form:
    typed = {"title": "Relance", "context": "pfmp", "placement": world.placement.id, "starts_on": "2025-01-06"}
    page = f"/portfolio/{world.portfolio.id}/activites/nouvelle"
    return Form("candidate", page, "new-activity", typed, "outside")


def _activity_moved(world: World) -> Form:
    activity = world.activity
    typed = {"title": activity.title, "context": activity.context, "placement": activity.placement}
    page, name = f"/portfolio/activite/{activity.id}", f"activity-{activity.id}"
    return Form("candidate", page, name, typed | {"ends_on": "2099-01-01"})


def _piece(world: World) -> Form:
    piece = world.new_piece()
    typed = {"title": piece.title, "type_code": piece.type_code, "produced_on": "2099-01-01"}
    typed["activity"] = piece.activity
    return Form("candidate", f"/portfolio/preuve/{piece.id}", f"piece-{piece.id}", typed)


def _outside_activity(world: World) -> Form:
    Activity.objects(pk=world.activity.id).update(set__starts_on="2026-05-18", set__ends_on="2026-06-26")
    piece = world.new_piece()
    typed = {"title": piece.title, "type_code": piece.type_code, "activity": piece.activity}
    page, name = f"/portfolio/preuve/{piece.id}", f"piece-{piece.id}"
    return Form("candidate", page, name, typed | {"produced_on": "2026-06-27"}, "outside")


def _link(world: World) -> Form:
    piece = world.new_piece()
    typed = {"url": "https://exemple.fr/avis", "captured_on": "2027-06-01"}
    return Form("candidate", f"/portfolio/preuve/{piece.id}", f"link-{piece.id}", typed, "to_come")


def _proposed(world: World) -> Form:
    page = f"/portfolio/{world.portfolio.id}/periodes/proposer"
    return Form("candidate", page, "proposed-new", PERIOD | COMPANY | TUTOR)


def _class_result(world: World) -> Form:
    typed = {"title": "Contrôle", "maximum": "20", "produced_on": "2027-06-01", "competences": ["C42"]}
    typed[f"score-{world.candidacy.id}"] = "12"
    page = f"/classe/etablissements/{world.school.id}/controles/nouveau"
    return Form("follower", page, f"check-{world.school.id}", typed, "to_come")


def _placement(world: World) -> Form:
    page, name = f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle", f"placement-new-{world.candidacy.id}"
    return Form("follower", page, name, PERIOD | TUTOR | {"company": world.company.id})


def _placement_moved(world: World) -> Form:
    placement = world.placement
    typed = {"starts_on": placement.starts_on, "ends_on": "2099-01-01", "days": placement.days}
    return Form("follower", f"/classe/periodes/{placement.id}", f"placement-{placement.id}", typed)


def _certificate(world: World) -> Form:
    page, name = f"/classe/periodes/{world.placement.id}", f"certificate-{world.placement.id}"
    return Form("follower", page, name, {"days": "30", "issued_on": "1970-01-01"}, "outside")


def _broken(world: World) -> Form:
    page, name = f"/classe/periodes/{world.placement.id}", f"broken-{world.placement.id}"
    return Form("follower", page, name, {"broken_on": "1970-01-01", "reason": "Fermeture"}, "outside")


def _identity(world: World) -> Form:
    of = world.candidacy
    typed = {"birth_name": of.birth_name, "given_names": of.given_names, "candidate_number": of.candidate_number}
    page, name = f"/etablissement/candidats/{of.id}", f"identity-{of.id}"
    return Form("office", page, name, typed | {"birth_date": "2027-01-13"}, "birth")


def _enrolment(world: World) -> Form:
    typed = {"birth_name": "Abel", "given_names": "Zoé", "email": "abel@exemple.fr", "status": "scolaire"}
    typed |= {"session": "2027", "birth_date": "2020-02-01"}
    page = f"/etablissement/{world.school.id}/candidats/nouveau"
    return Form("office", page, "enrol", typed, "birth")


def _entry(world: World) -> Form:
    page, name = f"/etablissement/candidats/{world.candidacy.id}", f"training-{world.candidacy.id}"
    world.placement  # noqa: B018  # the form stands beside the periods
    return Form("office", page, name, {"entered_on": "1970-01-01"})


def _abandonment(world: World) -> Form:
    page, name = f"/etablissement/candidats/{world.candidacy.id}", f"abandon-{world.candidacy.id}"
    return Form("office", page, name, {"on": "2099-01-01", "reason": "Démission"})


def _outcome(world: World) -> Form:
    page, name = f"/etablissement/candidats/{world.candidacy.id}", f"outcome-{world.candidacy.id}"
    return Form("office", page, name, {"outcome": "absent", "convoked_on": "1970-01-01"})


def _adaptation(world: World) -> Form:
    page, name = f"/etablissement/candidats/{world.candidacy.id}", f"adapt-{world.candidacy.id}"
    typed = {"decision_reference": "D1", "effect": "Délai", "deadline": "2099-01-01T12:00"}
    return Form("office", page, name, typed)


def _transfer(world: World) -> Form:
    page, name = f"/etablissement/candidats/{world.candidacy.id}", f"transfer-{world.candidacy.id}"
    typed = {"uai": other_school(world).uai, "on": "2099-01-01", "reason": "Déménagement"}
    return Form("office", page, name, typed)


def _replacement(world: World) -> Form:
    people = {"absent": world.follower.id, "substitute": world.second_teacher.id}
    page, typed = f"/etablissement/{world.school.id}/remplacements", people | {"starts_on": "2027-01-12"}
    return Form("office", page, "replace", typed | {"ends_on": "2099-01-01"})


def _habilitation(world: World) -> Form:
    typed = {"reference": "2026-12", "starts_on": "1970-01-01", "exam": world.candidacy.exam}
    page, name = f"/administration/academies/{world.academy.id}", f"habilitation-{world.school.id}"
    return Form("administrator", page, name, typed)


def _deputy(world: World) -> Form:
    seats = Sitting(world)
    world.__dict__["colleague"] = seats.colleague
    typed = {"deputy": seats.deputy.id, "titular": seats.titular.id, "reason": "Congé", "since": "2099-01-01"}
    return Form("colleague", f"/jury/{world.jury.id}/membres", f"deputy-{world.jury.id}", typed)


FORMS = (
    *(_activity, _outside_placement, _activity_moved, _piece, _outside_activity, _link, _proposed, _class_result),
    *(_placement, _placement_moved, _certificate, _broken, _identity, _enrolment, _entry, _abandonment, _outcome),
    *(_adaptation, _transfer, _replacement, _habilitation, _deputy),
)


@pytest.mark.parametrize("form_of", FORMS, ids=lambda form_of: form_of.__name__)
def test_a_day_that_makes_no_sense_is_asked_about_and_taken_once_confirmed(
    world: World, client_for: Clients, form_of: Callable[[World], Form]
) -> None:
    world.candidacy  # noqa: B018
    form = form_of(world)
    client = client_for(getattr(world, form.whose))
    links = Link.objects.count()
    asked = fill(client, form.page, form.name, **form.typed)
    assert asked.status_code == 409, words(asked)[:3000]
    assert "Vérifiez la date" in words(asked), words(asked)[words(asked).index("<main") :]
    assert "La date est exacte" in words(asked)
    assert Link.objects.count() == links
    taken = fill(client, form.page, form.name, **form.typed, confirmed="on")
    assert taken.status_code == 303, words(taken)[:3000]
    said = [link.data.get("unusual", []) for link in Link.objects.order_by("id").skip(links)]
    assert form.code in sum(said, [])
