"""Commissions, sheets and the bordereau on the pages of an office."""

from __future__ import annotations

import io
from datetime import timedelta

from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Commission, Placement, Sheet
from portfolio.enrolment import placements
from portfolio.jury import jury
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, followed, form_of, shown
from tests.support.worlds import commissions
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World

FILES = {"content_type": "multipart/form-data"}


def test_commissions_stand_by_day_with_their_convocations(
    world: World, office: FlaskClient, place: str, client_for: Clients
) -> None:
    commission = commissions.convened(world)
    told = shown(office, f"{place}/commissions")
    assert "lundi 12 avril 2027" in told and "14 h 00" in told and "Salle B12" in told
    for path in (f"{place}/convocations.pdf", f"/etablissement/commissions/{commission.id}/convocations.pdf"):
        assert office.get(path).data.startswith(b"%PDF")
    agenda = office.get(f"{place}/commissions.ics")
    assert agenda.mimetype == "text/calendar" and b"BEGIN:VEVENT" in agenda.data
    for person in (world.candidate, world.tutor):
        path = f"/etablissement/commissions/{commission.id}/convocations.pdf"
        assert client_for(person).get(path, headers=HTML).status_code == 403


def test_an_office_convenes_moves_and_cancels_on_the_teachers_pages(
    world: World, office: FlaskClient, place: str
) -> None:
    one = world.new_candidacy()
    path = f"/classe/candidats/{one.id}/commission"
    typed = {
        "day": "2027-04-12",
        "hour": "14:00",
        "minutes": "30",
        "place": "Salle B12",
        "professor": str(world.follower.id),
    }
    typed |= {"mode": "sealed", f"second-{one.id}": "professor", "second_professor": world.second_teacher.email}
    told = followed(office, fill(office, path, f"convene-{one.id}", tutor_absence="Sans tuteur", **typed))
    assert f"{place}/commissions" in told
    live = Commission.objects.get()
    path = f"/classe/commissions/{live.id}"
    followed(
        office, fill(office, path, f"move-{live.id}", day="2027-04-13", hour="09:00", minutes="30", place="Salle C1")
    )
    assert "mardi 13 avril 2027" in shown(office, f"{place}/commissions")
    assert "annulée" in followed(office, fill(office, path, f"cancel-{live.id}", reason="Grève"))


def test_nothing_to_print_says_so(world: World, office: FlaskClient, place: str) -> None:
    world.new_candidacy()
    assert "pas de convocation à imprimer" in shown(office, f"{place}/convocations.pdf", 409)


def test_sheets_are_transmitted_one_by_one_or_all(world: World, office: FlaskClient, place: str) -> None:
    first, _, third = (sheet_of(world, state=state) for state in ("proposed", "proposed", "draft"))
    told = shown(office, f"{place}/fiches")
    assert "Transmettre 2 fiches au jury" in told and third.number not in told
    followed(office, fill(office, f"{place}/fiches", f"transmit-{first.id}"))
    assert "Fiches transmises au jury : 1" in followed(office, fill(office, f"{place}/fiches", "transmit-all"))
    assert Sheet.objects(state="transmitted").count() == 2
    listed = office.get(f"{place}/bordereau.csv?session=2027")
    assert listed.data.startswith(b"\xef\xbb\xbf") and listed.data.count(b"\r\n") == 3


def test_what_was_keyed_is_read_back_and_not_kept(world: World, office: FlaskClient, place: str) -> None:
    number = sheet_of(world, "12").number.partition("-")[2]
    form = {"name": "read-back", "keyed": f"{number};13\n02099999999;8"}
    told = fill(office, f"{place}/fiches", form.pop("name"), **form)
    assert told.status_code == 200 and "2 différences" in told.text
    assert "Autre note" in told.text and "Absent du bordereau" in told.text
    hidden = form_of(told.text, "read-back")
    sent = hidden["fields"] | {"file": (io.BytesIO(f"N°;Note\n{number};12,0".encode("utf-16")), "saisie.csv")}
    told = office.post(hidden["action"], data=sent, headers=HTML, **FILES)
    assert "Tout est saisi comme sur le bordereau" in told.text
    sent = hidden["fields"] | {"file": (io.BytesIO(f"N°;Note\n{number};12,0\n".encode("utf-16-le")), "saisie.csv")}
    assert "Tout est saisi" in office.post(hidden["action"], data=sent, headers=HTML, **FILES).text
    sent = hidden["fields"] | {"file": (io.BytesIO(b"PK\x03\x04" + bytes(40)), "saisie.xlsx")}
    refused = office.post(hidden["action"], data=sent, headers=HTML, **FILES)
    assert refused.status_code == 422 and "Ce fichier est un classeur" in refused.text
    assert fill(office, f"{place}/fiches", "read-back", keyed=" ").status_code == 422


def test_an_office_knows_a_sheet_only_once_both_signed(world: World, office: FlaskClient, clock: Clock) -> None:
    commission = commissions.appraised(world)
    draft = commissions.drafted(world, commission)
    clock.now = commission.meets_at + timedelta(hours=2)
    told = shown(office, "/etablissement") + shown(office, f"/etablissement/candidats/{world.candidacy.id}")
    assert draft.number not in told and "14,5" not in told and "fiche pas encore signée" in told
    shown(office, f"/fiches/{draft.id}", 404)


def test_a_decided_sheet_is_no_longer_the_office_s_to_void(world: World, office: FlaskClient, place: str) -> None:
    sheet = sheet_of(world)
    _ = world.jury
    jury.set_final_mark(world.actor(world.jury_member), sheet, "12", None, world.clock())
    assert "Relire ou annuler" not in shown(office, f"{place}/fiches")


def test_the_register_says_since_when_each_portfolio_could_go(world: World, office: FlaskClient, place: str) -> None:
    sheet_of(world)
    told = shown(office, f"{place}/conservation")
    assert "Résultat non publié" in told and "tout est à conserver" in told
    assert office.get(f"{place}/conservation.csv?session=2027").data.startswith(b"\xef\xbb\xbf")


def test_an_authority_s_decision_on_the_form_of_the_exam_is_said_whole_or_not_at_all(
    world: World, office: FlaskClient, place: str
) -> None:
    typed = {"session": "2027", "candidate_number": "02012345678", "birth_name": "Lefèvre", "given_names": "Zoé"}
    typed |= {"birth_date": "2005-04-12", "email": "zoe@exemple.fr", "status": "scolaire"}
    half = fill(office, f"{place}/candidats/nouveau", "enrol", **typed, **{"ccf_override.form": "ponctuelle"})
    assert half.status_code == 422 and Candidacy.objects.count() == 0
    whole = {"ccf_override.form": "ponctuelle", "ccf_override.decision_reference": "Rectorat 2027-12"}
    told = followed(office, fill(office, f"{place}/candidats/nouveau", "enrol", **typed, **whole))
    assert "Forme ponctuelle" in told and "Rectorat 2027-12" in told and "Portfolio</h2>" not in told


def test_one_teacher_is_designated_for_a_whole_class(world: World, office: FlaskClient, place: str) -> None:
    for division in ("TS2A", "TS2A", "TS2B"):
        world.new_candidacy(followed=False, division=division)
    _ = world.follower
    path = f"{place}/candidats?session=2027&classe=TS2A"
    assert "pour 2 candidats sans suivi" in shown(office, path)
    assert fill(office, path, "follow-all").status_code == 422
    assert fill(office, path, "follow-all", teacher=str(world.office.id)).status_code == 422
    told = followed(office, fill(office, path, "follow-all", teacher=str(world.follower.id)))
    assert "maintenant suivis : 2" in told and "sans suivi" not in told
    assert Candidacy.objects(followers__size=0).count() == 1


def test_a_member_who_can_sit_no_more_is_to_be_replaced(world: World, office: FlaskClient, place: str) -> None:
    commission = commissions.convened(world)
    path = f"/classe/commissions/{commission.id}"
    assert "ne peut plus siéger" not in shown(office, path)
    tutoring = Placement.objects.get(pk=world.placement.id)
    placements.end_tutoring(world.actor(world.office), tutoring, world.clock())
    assert f'href="{path}">Remplacer' in shown(office, place)
    assert "Dominique Martin ne peut plus siéger" in shown(office, path)
    moved = fill(office, path, f"move-{commission.id}", day="2027-04-13", hour="09:00", minutes="30", place="Salle C1")
    assert "Aucun courriel ne part à Dominique Martin" in followed(office, moved)
