"""Fictional people for a first look: one sign-in per role, made by the same verbs as real ones."""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from portfolio.documents import Academy, AccountChange, Candidacy, Invitation, Person, Placement, School
from portfolio.enrolment import account_changes, enrol, institutions, placements
from portfolio.identity import accounts, invitations, password_reset
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from rehearsal.classroom import Class
from rehearsal.dates import Dates, dates_of

# By time zone: a rehearsal may be played far from Paris.
ACADEMIES = {
    "Europe/Paris": {"code": "10", "name": "Lyon"},
    "Indian/Reunion": {"code": "28", "name": "La Réunion"},
    "Pacific/Tahiti": {"code": "41", "name": "Polynésie française"},
    "Pacific/Noumea": {"code": "40", "name": "Nouvelle-Calédonie"},
}
SCHOOL = {
    "uai": "0690026D",
    "name": "Lycée Fictif des Assurances",
    "city": "Lyon",
    "kind": "public",
    "carried_by_public_body": False,
    "habilitated": False,
}
COMPANY = {"siret": "73282932000074", "name": "Mutuelle Fictive du Rhône", "city": "Lyon"}
# Family and given names; the age in the year of the exam, month and day of birth.
CANDIDATES = (
    ("Lemoine", "Inès", (21, 3, 14)),
    ("Diallo", "Mamadou", (22, 11, 2)),
    ("Nguyên", "Chloé", (21, 7, 29)),
    ("Garcia", "Enzo", (21, 1, 8)),
    ("Benali", "Yasmine", (22, 9, 21)),
    ("Roux", "Mathis", (21, 5, 30)),
    ("Kowalski", "Lina", (21, 2, 17)),
    ("Da Silva", "Tiago", (22, 12, 11)),
)


def load(accounts_file: Path, at: datetime, zone: str) -> list[dict[str, str]]:
    """Makes the rehearsal in an empty store, and writes one account per role at least: [{role, name, email, password}].

    zone: one of ACADEMIES. The circular of the session that `Dates` says is installed.
    """
    told = _Told(at, dates_of(at, zone))
    session = told.dates.session
    administrator = told.administrator("Alex")
    told.second = told.administrator("Dany")
    academy = institutions.create_academy(administrator, academy_of(zone), at)
    school = institutions.create_school(administrator, academy, SCHOOL, at)
    of_exam = {"session": session, "exam": BTS_ASSURANCE_E5}
    institutions.create_jury(administrator, academy, of_exam | {"name": f"Jury fictif, {academy.name}"}, at)
    office = told.staff(administrator, academy, "office", "Secrétariat", "Sacha", school=school.id)
    told.staff(administrator, academy, "jury", "Présidence", "Andrea", **of_exam)
    told.staff(administrator, academy, "inspector", "Inspection", "Morgan", **of_exam)
    told.staff(administrator, academy, "support", "Assistance", "Charlie")
    follower = told.teacher(office, school, "Moreau", "Claire")
    told.teacher(office, school, "Petit", "Julien")
    company = institutions.add_company(office, school, COMPANY, at)
    placed = [_enrol(told, office, school, company, follower, rank) for rank in range(len(CANDIDATES))]
    told.choose_password("tutor", Person.objects.get(pk=placed[0][1].tutor))
    passwords = {follower.id: told.password_of(follower.id)}
    Class(school, office, _again(follower), passwords, placed, at, zone).begin()
    told.write(accounts_file)
    return told.accounts


def academy_of(zone: str) -> dict[str, str]:
    return ACADEMIES[zone] | {"timezone": zone}


def _again(by: Actor) -> Actor:
    """What somebody may do is read once: afresh, now that they follow candidates."""
    return Actor(Person.objects.get(pk=by.id))


def _enrol(
    told: _Told, office: Actor, school: School, company: Any, follower: Actor, rank: int
) -> tuple[Candidacy, Placement]:
    birth_name, given_names, born = CANDIDATES[rank]
    begins, ends = told.dates.placement
    values = {
        "session": told.dates.session,
        "candidate_number": told.dates.number(rank + 1),
        "birth_name": birth_name,
        "given_names": given_names,
        "birth_date": told.dates.born_on(*born).isoformat(),
        "email": told.address(given_names, birth_name),
        "status": "scolaire",
        "division": "BTS2 A" if rank < 5 else "BTS2 B",
    }
    candidacy = enrol.enrol(office, school, values, told.at)
    candidacy = enrol.set_followers(office, candidacy, [follower.id], told.at)
    if rank < 3:
        told.choose_password("candidate", Person.objects.get(pk=candidacy.person))
    tutor = {"email": told.address("Dominique", "Martin"), "family_name": "Martin", "given_names": "Dominique"}
    period = {"starts_on": begins.isoformat(), "ends_on": ends.isoformat(), "days": 35, "kind": "stage"}
    values = {"company": company.id, "tutor": tutor | {"function": "Responsable d'agence"}, **period}
    return candidacy, placements.add_placement(office, candidacy, values, told.at)


class _Told:
    """The accounts as they are made: passwords are drawn at random, told once."""

    def __init__(self, at: datetime, dates: Dates) -> None:
        self.at, self.dates = at, dates
        self.accounts: list[dict[str, str]] = []
        self.second: Actor

    @staticmethod
    def address(given_names: str, family_name: str) -> str:
        plain = f"{given_names}.{family_name}".lower()
        return plain.replace(" ", "-").translate(str.maketrans("éèêëàâîïôöùûüç", "eeeeaaiioouuuc")) + "@fictif.example"

    def administrator(self, given_names: str) -> Actor:
        """Two of them, as the command line makes them first: what one gives, the other confirms."""
        password = _password()
        email = self.address(given_names, "Administration")
        person = accounts.create_first_administrator(email, "Administration", given_names, password, self.at)
        self._tell("administrator", person, password)
        return Actor(person)

    def staff(self, by: Actor, academy: Academy, role: str, family_name: str, given_names: str, **scope: Any) -> Actor:
        values = {"email": self.address(given_names, family_name), "family_name": family_name}
        values |= {"given_names": given_names, "role": role, **scope}
        person = accounts.invite_staff(by, academy, values, self.at)
        for waiting in AccountChange.objects(person=person.id, state="waiting"):
            account_changes.confirm(self.second, waiting, self.at)
        return self.choose_password(role, person)

    def teacher(self, by: Actor, school: School, family_name: str, given_names: str) -> Actor:
        values = {"email": self.address(given_names, family_name), "family_name": family_name}
        values |= {"given_names": given_names, "role": "teacher", "teaches_profession": True}
        return self.choose_password("teacher", accounts.invite_to_school(by, school, values, self.at))

    def choose_password(self, role: str, person: Person) -> Actor:
        """As the person would, by the invitation they were sent or, for a tutor, by the link they ask for."""
        if role == "tutor":
            password_reset.prepare(password_reset.ask(person.email, self.at), self.at)
        invitation = Invitation.objects(person=person.id, used_at=None).first()
        password = _password()
        invitations.accept_invitation(invitations.invitation_token(invitation), password, self.at)
        self._tell(role, person, password)
        return Actor(Person.objects.get(pk=person.id))

    def password_of(self, person: Any) -> str:
        email = Person.objects.get(pk=person).email
        return next(account["password"] for account in self.accounts if account["email"] == email)

    def _tell(self, role: str, person: Person, password: str) -> None:
        self.accounts.append({"role": role, "name": person.name, "email": person.email, "password": password})

    def write(self, path: Path) -> None:
        partial = path.with_suffix(".partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self.accounts, file, ensure_ascii=False, indent=1)
        partial.rename(path)


def _password() -> str:
    return secrets.token_urlsafe(15)
