"""What a teacher does for a whole class: results of a check, dates of commissions; what an inspector sees."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from portfolio.commission.agenda import clashes_with
from portfolio.documents import Activity, Attestation, Check, Commission, Evidence, PaperScan
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.sign_offs.asking import requests
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import PDF, World

SERIES = {"day": "2027-04-12", "hour": "14:00", "minutes": "20", "place": "Salle B12", "mode": "sealed"}


# --- results of a check ---------------------------------------------------------------------------


def test_a_wrong_row_is_told_where_it_is_and_nothing_is_lost(world: World, client_for: Clients) -> None:
    first, second, absent = (world.new_candidacy(birth_name=name) for name in ("Abel", "Bost", "Cros"))
    client = client_for(world.follower)
    path, form = f"/classe/etablissements/{world.school.id}/controles/nouveau", f"check-{world.school.id}"
    typed = {"title": "QCM tableur", "produced_on": "2027-01-08", "maximum": "20", "competences": ["C42", "C47"]}
    scores = {f"score-{first.id}": "14,5", f"score-{second.id}": "25", f"score-{absent.id}": ""}
    refused = fill(client, path, form, **typed, **scores)
    assert refused.status_code == 422 and Check.objects.count() == Evidence.objects.count() == 0
    assert (
        f'href="#{form}-score-{second.id}"' in refused.text and f'id="{form}-score-{second.id}-wrong"' in refused.text
    )
    assert all(f'value="{kept}"' in refused.text for kept in ("QCM tableur", "14,5", "25"))
    assert 'value="C47" checked' in refused.text
    nobody = fill(client, path, form, **typed)
    assert nobody.status_code == 422 and "un candidat au moins" in nobody.text
    untitled = fill(client, path, form, **typed | {"title": "", "produced_on": ""}, **scores)
    assert untitled.status_code == 422 and "Indiquez un titre" in untitled.text
    assert fill(client, path, form, **typed, **scores | {f"score-{second.id}": "9"}).status_code == 303
    assert [(one.candidacy, one.details["score"]) for one in Evidence.objects.order_by("id")] == [
        (first.id, "14.5"),
        (second.id, "9"),
    ]


def test_a_class_s_grid_shows_one_division_and_whose_portfolio_is_handed_in(world: World, client_for: Clients) -> None:
    world.new_candidacy(birth_name="Abel", division="2A")
    world.new_candidacy(birth_name="Bost", division="2B")
    world.submit()
    path, client = f"/classe/etablissements/{world.school.id}/controles/nouveau", client_for(world.follower)
    assert "portfolio remis" in shown(client, path)
    narrowed = shown(client, f"{path}?classe=2B")
    assert "Bost" in narrowed and "Abel" not in narrowed
    elsewhere = world.new_teacher(world.new_school("0690132U"))
    assert client_for(elsewhere).get(path, headers=HTML).status_code == 404


# --- dates of commissions -------------------------------------------------------------------------


def test_a_series_is_fixed_in_one_act_with_the_tutor_or_a_second_professor(world: World, client_for: Clients) -> None:
    with_tutor, alone = world.candidacy, world.new_candidacy(birth_name="Zola")
    client = client_for(world.follower)
    chosen = {
        "candidacies": [str(with_tutor.id), str(alone.id)],
        f"second-{with_tutor.id}": str(world.tutor.id),
        f"second-{alone.id}": "professor",
        "second_professor": world.second_teacher.email,
    }
    for wrong in ("2", "00305000"):
        refused = fill(client, "/classe/commissions", "series", **SERIES | {"minutes": wrong}, **chosen)
        assert refused.status_code == 422 and "Un nombre de minutes" in refused.text
    assert 'value="Salle B12"' in refused.text and f'value="{alone.id}" checked' in refused.text
    assert Commission.objects.count() == 0
    chosen["tutor_absence"] = "En congé"
    assert fill(client, "/classe/commissions", "series", **SERIES, **chosen).status_code == 303
    made = list(Commission.objects.order_by("meets_at"))
    noon = datetime(2027, 4, 12, 12, 0, tzinfo=UTC)
    assert [(one.candidacy, one.meets_at) for one in made] == [
        (with_tutor.id, noon),
        (alone.id, noon + timedelta(minutes=20)),
    ]
    assert [one.tutor_absence for one in made] == [None, "En congé"]
    assert {one.lasts_min for one in made} == {20} and clashes_with(made) == []
    html = shown(client, "/classe/commissions")
    assert "lundi 12 avril 2027" in html and "14 h 20" in html and "Tous les candidats" in html


def test_a_clash_is_told_and_can_be_confirmed(world: World, client_for: Clients) -> None:
    commissions.convened(world)
    other = world.new_candidacy(birth_name="Zola")
    client, path = client_for(world.follower), f"/classe/candidats/{other.id}/commission"
    typed = {"day": "2027-04-12", "hour": "14:10", "minutes": "30", "place": "B13", "mode": "sealed"}
    typed |= {"professor": str(world.follower.id), f"second-{other.id}": "professor"}
    typed |= {"second_professor": world.second_teacher.email, "tutor_absence": "En congé"}
    told = fill(client, path, f"convene-{other.id}", **typed)
    assert told.status_code == 409 and "12/04 à 14 h 10" in told.text and "Fixer quand même" in told.text
    bad = fill(client, path, f"convene-{other.id}", **typed | {"hour": "99:99"})
    assert bad.status_code == 422 and "un jour et une heure" in bad.text
    made = fill(client, path, f"convene-{other.id}", **typed, anyway="on")
    assert made.status_code == 303
    assert "siège aussi à une autre commission" in shown(client, made.headers["Location"])
    assert "siège ailleurs" in shown(client, "/classe/commissions")


def test_a_commission_is_moved_recomposed_and_cancelled(world: World, client_for: Clients) -> None:
    commission = commissions.convened(world)
    client, path = client_for(world.follower), f"/classe/commissions/{commission.id}"
    moved = {"day": "2027-04-13", "hour": "09:00", "minutes": "45", "place": "B14"}
    assert fill(client, path, f"move-{commission.id}", **moved).status_code == 303
    fresh = Commission.objects.get(pk=commission.id)
    assert (fresh.meets_at, fresh.lasts_min, fresh.place) == (datetime(2027, 4, 13, 7, 0, tzinfo=UTC), 45, "B14")
    typed = {"leaving": str(world.tutor.id), "arriving": world.second_teacher.email, "reason": "En congé"}
    typed["tutor_absence"] = "En congé"
    assert fill(client, path, f"member-{commission.id}", **typed).status_code == 303
    assert fill(client, path, f"cancel-{commission.id}", reason="Report de session").status_code == 303
    assert "Cette commission est annulée" in shown(client, path)
    assert client_for(world.candidate).get(path, headers=HTML).status_code == 403


def test_calendar_files_are_for_those_who_sign_in(world: World, client_for: Clients) -> None:
    commission = commissions.convened(world)
    one, mine = f"/classe/commissions/{commission.id}/agenda.ics", "/classe/commissions/agenda.ics"
    answer = client_for(world.follower).get(mine)
    assert answer.mimetype == "text/calendar" and "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event.decoded("dtstart") == commissions.MEETS_AT
    assert Calendar.from_ical(client_for(world.office).get(one).data).walk("VEVENT")[0]["uid"] == event["uid"]
    assert client_for().get(one, headers=HTML).status_code == 303
    assert client_for(world.candidate).get(one).status_code == 403
    assert Calendar.from_ical(client_for(world.second_teacher).get(mine).data).walk("VEVENT") == []


# --- inspection -----------------------------------------------------------------------------------


def test_an_inspector_sees_calendar_and_conformity_without_a_title(world: World, client_for: Clients) -> None:
    world.new_piece(title="Lettre confidentielle")
    commissions.convened(world)
    client = client_for(world.inspector)
    html = shown(client, "/inspection")
    assert "lundi 12 avril 2027" in html and "Lycée Ampère" in html and "14 h 00" in html
    path = f"/inspection/etablissements/{world.school.id}"
    html = shown(client, f"{path}?session=2027")
    assert world.candidacy.display_name in html and "1 période à évaluer" in html and "convoquée" in html
    assert "Lettre confidentielle" not in html and world.activity.title not in html
    for person in (world.candidate, world.follower):
        for refused in ("/inspection", path):
            answer = client_for(person).get(refused, headers=HTML)
            assert answer.status_code == 403 and "Lycée" not in answer.text


# --- on paper -------------------------------------------------------------------------------------


def test_what_a_tutor_signed_on_paper_is_scanned_and_copied(world: World, client_for: Clients) -> None:
    world.new_piece()
    asked = Activity.objects.get(pk=world.activity.id)
    requests.request(world.actor(world.candidate), asked, "tutor", None, world.clock())
    client, placement = client_for(world.follower), world.placement
    path = f"/classe/periodes/{placement.id}/papier"
    assert client.get(f"/classe/periodes/{placement.id}/attestation.pdf").data.startswith(b"%PDF")
    nothing = fill(client, path, f"scan-{placement.id}")
    assert nothing.status_code == 422 and "Choisissez le scan" in nothing.text
    refused = fill(client, path, f"scan-{placement.id}", scan=(io.BytesIO(b"MZ rien"), "papier.exe"))
    assert refused.status_code == 422
    assert fill(client, path, f"scan-{placement.id}", scan=(io.BytesIO(PDF), "papier.pdf")).status_code == 303
    scan = PaperScan.objects.get()
    opened = fill(client, path, f"open-{scan.id}")
    assert opened.status_code == 200 and opened.headers["Refresh"].startswith("0; url=http")
    typed = {"scan": str(scan.id), "signer_name": "D. Martin"}
    refused = fill(client, path, f"copy-{placement.id}", **typed)
    assert refused.status_code == 422
    assert 'value="D. Martin"' in refused.text
    typed |= {f"answer-{asked.id}": "confirmed"}
    assert fill(client, path, f"copy-{placement.id}", **typed).status_code == 303
    assert sign_offs_on(asked).tutor.status == "confirmed"
    assert "sur papier" in shown(client, f"/classe/candidats/{world.candidacy.id}")
    assert client_for(world.second_teacher).get(path, headers=HTML).status_code == 403


def test_one_paper_older_than_any_request_is_scanned_once_for_many_activities(
    world: World, client_for: Clients
) -> None:
    first, second, other = (world.new_activity() for _ in range(3))
    for activity in (first, second, other):
        world.new_piece(activity)
    client, placement = client_for(world.follower), world.placement
    path = f"/classe/periodes/{placement.id}/papier"
    page = shown(client, path)
    assert "il n'y a rien à imprimer" in page
    assert fill(client, path, f"scan-{placement.id}", scan=(io.BytesIO(PDF), "papier.pdf")).status_code == 303
    assert shown(client, path).count("Rien n'a été demandé au tuteur ici") == 3
    scan = PaperScan.objects.get()
    typed = {"scan": str(scan.id), "signer_name": "D. Martin"}
    typed |= {f"answer-{first.id}": "confirmed", f"answer-{second.id}": "partly", f"comment-{second.id}": "En binôme"}
    assert fill(client, path, f"copy-{placement.id}", **typed).status_code == 303
    copied = Attestation.objects(seat="tutor")
    assert {(one.activity, one.state, one.channel, one.scan) for one in copied} == {
        (first.id, "confirmed", "paper", scan.id),
        (second.id, "partly", "paper", scan.id),
    }
    left = shown(client, path)
    assert f"answer-{other.id}" in left and f"answer-{first.id}" not in left
