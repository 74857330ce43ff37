"""How each to-do of the board arises, by the acts that bring it about, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portfolio.documents import Candidacy, Commission, EvidenceFile, Person, Placement, Portfolio, School
from portfolio.enrolment import placements
from portfolio.enrolment.certificates import deposits
from portfolio.enrolment.entry_codes import making, redeeming, signatories
from portfolio.enrolment.moves import departures
from portfolio.enrolment.schools import habilitations
from portfolio.identity import invitations
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sign_offs import reality
from portfolio.sign_offs.asking import objections, requests
from portfolio.submission import submit
from tests.conftest import Clock
from tests.enrolment.test_one_sitting import turn
from tests.support.acts.enrolling import give_up
from tests.support.clock import MEETS_AT
from tests.support.mails.mailbox import deliver as sent
from tests.support.mails.mailbox import files, token_in
from tests.support.worlds import commissions
from tests.support.worlds.world import PDF, World

TUTOR = {"given_names": "Anne", "family_name": "Neuve", "email": "anne.neuve@assureur.fr"}
OVERRIDDEN = {"status": "apprenti", "reason": "L'habilitation prend fin", "ccf_override.form": "ponctuelle"}
OVERRIDDEN |= {"ccf_override.decision_reference": "Rectorat, 2027-03"}
PHRASE = "Sept mots font une bonne phrase secrète"


@dataclass(frozen=True)
class Case:
    """A to-do. arises: brings it about. form, typed: the form of its page that does it, and what is typed there; None
    where somebody else than the office does it, and `done` does. link: of the page, where the form is one link further.
    """

    arises: Callable[[World, Clock], object]
    form: Callable[[World], str] | None = None
    typed: Callable[[World, Clock], Mapping[str, Any]] = lambda world, clock: {}
    done: Callable[[World, Clock], object] | None = None
    link: str = ""


def placement(world: World) -> Placement:
    return Placement.objects.get(pk=world.placement.id)


def commission() -> Commission:
    return Commission.objects.get()


def candidacy(world: World) -> Candidacy:
    return Candidacy.objects.get(pk=world.candidacy.id)


def another_candidacy(world: World, **changed: Any) -> None:
    """The world's candidate is another one from now on."""
    vars(world).pop("candidate", None)
    vars(world)["candidacy"] = world.new_candidacy(**changed)


# --- how they arise -------------------------------------------------------------------------------


def address_fails(world: World, clock: Clock) -> None:
    Person.objects(pk=world.candidate.id).update(set__address_failed_at=clock())


def never_came(world: World, clock: Clock) -> None:
    Person.objects(pk=world.candidate.id).update(unset__email=1, set__state="invited")


def comes_in(world: World, clock: Clock) -> None:
    coupon = making.make_code_of(world.actor(world.office), candidacy(world), clock())
    redeeming.give_address(coupon.code, world.candidacy.birth_date, "zoe@exemple.fr", clock())
    _accepts(world, clock, "zoe@exemple.fr")


def _accepts(world: World, clock: Clock, email: str) -> None:
    sent(clock)
    (mail,) = [message for message in files(world.store) if message["To"] == email]
    invitations.accept_invitation(token_in(mail), PHRASE, clock())


def held() -> EvidenceFile:
    file: EvidenceFile = EvidenceFile.objects(held_at__ne=None).get()
    return file


def held_by_the_antivirus(world: World, clock: Clock) -> None:
    """As clamd makes it: tests/elsewhere asks a real one."""
    piece = world.new_piece()
    world.upload(piece)
    refused = {"state": "quarantined", "reason_code": "malware_in_file", "reason": "Programme nuisible"}
    EvidenceFile.objects(evidence=piece.id).update(**refused, held_at=clock())


def follower_never_came(world: World, clock: Clock) -> None:
    assert world.candidacy.followers == [world.follower.id]
    Person.objects(pk=world.follower.id).update(unset__email=1, unset__password=1, set__state="invited")


def follower_comes_in(world: World, clock: Clock) -> None:
    follower = Person.objects.get(pk=world.follower.id)
    made = signatories.make_code_of_signatory(world.actor(world.office), world.school, follower, clock())
    redeeming.give_address_by_name(made.code, follower.family_name, "suivi@exemple.fr", clock())
    _accepts(world, clock, "suivi@exemple.fr")


def habilitation_ends(world: World, clock: Clock) -> None:
    """An apprentice of a CFA that holds one, until it is taken away."""
    by = world.actor(world.administrator)
    School.objects(pk=world.school.id).update(set__kind="cfa", set__carried_by_public_body=False)
    held: Any = {"exam": BTS_ASSURANCE_E5, "reference": "2026-12", "starts_on": "2026-09-01", "ends_on": "2031-08-31"}
    school = habilitations.record(by, School.objects.get(pk=world.school.id), held, clock())
    vars(world)["school"] = school
    another_candidacy(world, status="apprenti", followed=False)
    over: Any = {"habilitation": school.habilitations[0].id, "ends_on": "2027-01-31", "reason": "Retirée"}
    habilitations.end(by, School.objects.get(pk=school.id), over, clock())


def nobody_follows(world: World, clock: Clock) -> None:
    assert world.follower  # somebody who could
    another_candidacy(world, followed=False)


def tutor_leaves(world: World, clock: Clock) -> None:
    placements.end_tutoring(world.actor(world.office), placement(world), clock())


def certificate_is_deposited(world: World, clock: Clock) -> None:
    deposits.deposit(world.actor(world.tutor), placement(world), PDF, "Certificat.pdf", clock())


def period_is_proposed(world: World, clock: Clock) -> None:
    """With nobody to follow the candidate, the office answers."""
    nobody_follows(world, clock)
    world.propose_placement()


def tutor_objects(world: World, clock: Clock) -> None:
    objections.contest(world.actor(world.tutor), placement(world), "not_the_right_person", "Voyez M. Roy", clock())


def seat_is_empty(world: World, clock: Clock) -> None:
    commissions.convened(world)
    tutor_leaves(world, clock)


def one_sitting_is_over(world: World, clock: Clock) -> None:
    turn_to_one_sitting(world)
    clock.advance(days=240)


def turn_to_one_sitting(world: World) -> None:
    assert world.candidacy
    turn(world)


def convened_then_gave_up(world: World, clock: Clock) -> None:
    commissions.convened(world)
    give_up(world)


def sheet_is_signed(world: World, clock: Clock) -> None:
    commissions.signed(world)


def commission_has_met(world: World, clock: Clock) -> None:
    commissions.appraised(world)
    clock.now = commission().meets_at + timedelta(hours=3)


def tutor_is_asked(world: World, clock: Clock) -> None:
    world.new_piece()
    requests.request(world.actor(world.candidate), world.activity, "tutor", None, clock())


def teacher_who_was_asked_leaves(world: World, clock: Clock) -> None:
    world.new_piece()
    requests.request(world.actor(world.candidate), world.activity, "teacher", world.follower.id, clock())
    person = Person.objects.get(pk=world.follower.id)
    departures.revoke_grant(world.actor(world.administrator), person, person.grants[0].id, clock())


# --- how others do theirs -------------------------------------------------------------------------


def asked_again(world: World, clock: Clock) -> None:
    by = world.actor(world.candidate)
    requests.request(by, world.activity, "teacher", world.second_teacher.id, clock())


def submitted(world: World, clock: Clock) -> None:
    submit.submit(world.actor(world.candidate), Portfolio.objects.get(pk=world.candidacy.id), True, clock())


def evaluated(world: World, clock: Clock) -> None:
    written = reality.write(world.actor(world.follower), placement(world), "Les relances ont été faites.", clock())
    reality.concur(world.actor(world.tutor), written, written.digest, clock())


def signed(world: World, clock: Clock) -> None:
    commissions.signed(world, commissions.drafted(world, commission()))


# --- what the office types ------------------------------------------------------------------------


def leaves_and_arrives(world: World, clock: Clock) -> dict[str, Any]:
    (gone,) = [seat.person for seat in commission().seats if seat.person != world.follower.id]
    return {
        "leaving": str(gone),
        "arriving": str(world.second_teacher.id),
        "reason": "Tuteur parti",
        "tutor_absence": "Parti",
    }


def period(world: World, clock: Clock) -> dict[str, Any]:
    return {"kind": "stage", "starts_on": "2027-03-01", "ends_on": "2027-03-31", "days": "20"}


def period_in_company(world: World, clock: Clock) -> dict[str, Any]:
    return period(world, clock) | {"company": str(world.company.id)}


def meeting(world: World, clock: Clock) -> dict[str, Any]:
    when = {"day": f"{MEETS_AT:%Y-%m-%d}", "hour": "10:00", "minutes": "30", "place": "Salle B12", "mode": "sealed"}
    return when | {"professor": str(world.follower.id), f"second-{world.candidacy.id}": str(world.tutor.id)}


CASES: dict[str, Case] = {
    "address": Case(address_fails, lambda w: f"address-{w.candidate.id}", lambda w, c: {"email": "zoe@exemple.fr"}),
    "first_visit": Case(never_came, lambda w: "entry-codes", done=comes_in),
    "teacher_visit": Case(follower_never_came, lambda w: "teacher-codes", done=follower_comes_in),
    "transmit": Case(sheet_is_signed, lambda w: "transmit-all"),
    "form": Case(
        habilitation_ends,
        lambda w: f"form-{w.candidacy.id}",
        lambda w, c: OVERRIDDEN,
    ),
    "held": Case(held_by_the_antivirus, lambda w: f"lift-{held().id}", lambda w, c: {"reason": "Une erreur"}),
    "follower": Case(
        nobody_follows, lambda w: f"followers-{w.candidacy.id}", lambda w, c: {"followers": str(w.follower.id)}
    ),
    "placement": Case(
        lambda w, c: (w.candidacy, w.company),
        lambda w: f"placement-new-{w.candidacy.id}",
        period_in_company,
        link="/classe/candidats/{candidacy}/periodes/nouvelle",
    ),
    "tutor": Case(tutor_leaves, lambda w: f"tutor-{w.placement.id}", lambda w, c: TUTOR),
    "certificate": Case(
        certificate_is_deposited,
        lambda w: f"certificate-{w.placement.id}",
        lambda w, c: {"days": "35", "issued_on": "2026-11-30"},
    ),
    "proposed": Case(period_is_proposed, lambda w: "accept-", period),
    "contested": Case(tutor_objects, lambda w: f"resume-{w.placement.id}"),
    "convene": Case(lambda w, c: (w.candidacy, w.placement), lambda w: f"convene-{w.candidacy.id}", meeting),
    "seat": Case(seat_is_empty, lambda w: f"member-{commission().id}", leaves_and_arrives),
    "sitting": Case(
        one_sitting_is_over,
        lambda w: f"sitting-{w.candidacy.id}",
        lambda w, c: {"mark": "11,5", "received_on": c().date().isoformat(), "reference": "Relevé de notes"},
    ),
    "convened_for_nothing": Case(
        convened_then_gave_up, lambda w: f"cancel-{commission().id}", lambda w, c: {"reason": "Il a abandonné"}
    ),
    "sign": Case(commission_has_met, done=signed),
    "submit": Case(lambda w, c: w.candidacy, done=submitted),
    "ask_again": Case(teacher_who_was_asked_leaves, done=asked_again),
    "answer": Case(tutor_is_asked, done=lambda w, c: w.sign_off()),
    "reality": Case(lambda w, c: w.placement, done=evaluated),
}
