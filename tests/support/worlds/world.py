"""A fictional school built by the real verbs, one step at a time, for tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from portfolio.documents import (
    Academy,
    Activity,
    Candidacy,
    Company,
    Evidence,
    EvidenceFile,
    Grant,
    Jury,
    Person,
    Placement,
    Portfolio,
    ProposedPlacement,
    School,
    SignIn,
)
from portfolio.enrolment import enrol, institutions, placements, proposed_placements
from portfolio.evidence import deposit, quick_deposit, upload_ending, uploads
from portfolio.identity import passwords
from portfolio.identity.accounts import OF_ONE_SESSION
from portfolio.identity.sign_ins import COOKIE_LASTS
from portfolio.ids import new_id, new_token, token_hash
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sign_offs.answering import answers, content
from portfolio.submission import submit
from tests.support.clock import DATES, SESSION, ZONE
from tests.support.worlds.prepared import begun

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
PDF += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
PDF += b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
PDF += b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
ALL_COMPETENCES = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")


class World:
    """One academy, school, office, teachers, candidate, tutor: each made when first asked for.

    Passwords are not set: tests sign people in by tokens, and set a password where a signature needs one.
    """

    def __init__(self, clock: Callable[[], datetime], session: str = SESSION) -> None:
        self.clock = clock
        self.session = session
        self.count = 0

    # --- people -----------------------------------------------------------------------------------

    def person(self, name: str, *grants: Grant, schools: tuple[Any, ...] = ()) -> Person:
        """An active person with grants: the only thing here that goes around the verbs, to save an invitation."""
        self.count += 1
        person = Person(
            id=new_id(),
            created_at=self.clock(),
            email=f"{name.lower()}.{self.count}@exemple.fr",
            family_name=name,
            given_names="Camille",
            state="active",
            grants=list(grants),
            schools=list(schools),
        )
        person.save()
        return person

    def grant(self, role: str, **scope: Any) -> Grant:
        """Of E5, for a role that is of an exam, where no other is named."""
        if role in OF_ONE_SESSION:
            scope.setdefault("exam", BTS_ASSURANCE_E5)
        return Grant(role=role, granted_by="system", granted_at=self.clock(), **scope)

    @staticmethod
    def actor(person: Person) -> Actor:
        """A fresh actor: its relations as they stand now."""
        return Actor(Person.objects.get(pk=person.id))

    @staticmethod
    def token_for(person: Person, at: datetime) -> str:
        token = new_token()
        SignIn(
            person=person.id,
            token_hash=token_hash(token),
            way="bearer",
            second_factor_at=at,
            expires_at=at + 1000 * COOKIE_LASTS,
            created_at=at,
        ).save()
        return token

    @cached_property
    def administrator(self) -> Person:
        return self.person("Admin", self.grant("administrator"))

    @cached_property
    def academy(self) -> Academy:
        values = {"code": "10", "name": "Lyon", "timezone": ZONE}
        return institutions.create_academy(self.actor(self.administrator), values, self.clock())

    @cached_property
    def school(self) -> School:
        made: School = begun(self, "school", lambda: self.new_school("0690026D"))
        return made

    def new_school(self, uai: str) -> School:
        values = {"uai": uai, "name": "Lycée Ampère", "city": "Lyon", "kind": "public"}
        values |= {"carried_by_public_body": False, "habilitated": False, "exams": [BTS_ASSURANCE_E5]}
        return institutions.create_school(self.actor(self.administrator), self.academy, values, self.clock())

    @cached_property
    def jury(self) -> Jury:
        values = {"session": self.session, "exam": BTS_ASSURANCE_E5, "name": "Jury de Lyon"}
        return institutions.create_jury(self.actor(self.administrator), self.academy, values, self.clock())

    @cached_property
    def office(self) -> Person:
        return self.new_office(self.school)

    def new_office(self, school: School) -> Person:
        return self.person("Bureau", self.grant("office", school=school.id), schools=(school.id,))

    @cached_property
    def follower(self) -> Person:
        return self.new_teacher(self.school)

    @cached_property
    def second_teacher(self) -> Person:
        return self.new_teacher(self.school)

    def new_teacher(self, school: School, teaches_profession: bool = True) -> Person:
        grant = self.grant("teacher", school=school.id, teaches_profession=teaches_profession)
        return self.person("Professeur", grant, schools=(school.id,))

    @cached_property
    def jury_member(self) -> Person:
        grant = self.grant("jury", academy=self.academy.code, session=self.session)
        return self.person("Jury", grant)

    @cached_property
    def inspector(self) -> Person:
        grant = self.grant("inspector", academy=self.academy.code, session=self.session)
        return self.person("Inspecteur", grant)

    @cached_property
    def support(self) -> Person:
        return self.person("Assistance", self.grant("support", academy=self.academy.code))

    @cached_property
    def exam_service(self) -> Person:
        grant = self.grant("exam_service", academy=self.academy.code, session=self.session)
        return self.person("Examens", grant)

    # --- a candidate ------------------------------------------------------------------------------

    @cached_property
    def candidacy(self) -> Candidacy:
        made: Candidacy = begun(self, "candidacy", self.new_candidacy)
        return made

    def new_candidacy(self, followed: bool = True, **changed: Any) -> Candidacy:
        self.count += 1
        values = {
            "session": self.session,
            "candidate_number": f"02{self.count:09d}",
            "birth_name": f"Élève{chr(65 + self.count % 26)}",
            "given_names": "Zoé",
            "birth_date": "2005-04-12",
            "email": f"eleve.{self.count}@exemple.fr",
            "status": "scolaire",
            **changed,
        }
        office = self.actor(self.office)
        candidacy = enrol.enrol(office, self.school, values, self.clock())
        Person.objects(pk=candidacy.person).update(set__state="active")
        if followed:
            candidacy = enrol.set_followers(office, candidacy, [self.follower.id], self.clock())
        return candidacy

    @cached_property
    def candidate(self) -> Person:
        return Person.objects.get(pk=self.candidacy.person)

    @property
    def portfolio(self) -> Portfolio:
        """Read anew each time: its revision moves."""
        return Portfolio.objects.get(pk=self.candidacy.id)

    @cached_property
    def company(self) -> Company:
        values = {"siret": "73282932000074", "name": "Assurances du Rhône", "city": "Lyon"}
        return institutions.add_company(self.actor(self.office), self.school, values, self.clock())

    @cached_property
    def placement(self) -> Placement:
        made: Placement = begun(self, "placement", lambda: self.new_placement(self.candidacy))
        return made

    def new_placement(self, candidacy: Candidacy) -> Placement:
        self.count += 1
        values = {
            "company": self.company.id,
            "kind": "stage",
            "starts_on": DATES.placement[0].isoformat(),
            "ends_on": DATES.placement[1].isoformat(),
            "days": 35,
            "tutor": {
                "email": f"tuteur.{self.count}@assureur.fr",
                "family_name": "Martin",
                "given_names": "Dominique",
                "function": "Responsable d'agence",
            },
        }
        placement = placements.add_placement(self.actor(self.office), candidacy, values, self.clock())
        Person.objects(pk=placement.tutor).update(set__state="active")
        return placement

    def propose_placement(self, by: Person | None = None, **changed: Any) -> ProposedPlacement:
        """A second period, in a company that the school does not know yet; the candidate proposes it by default."""
        begins, ends = (day + timedelta(days=60) for day in DATES.placement)
        tutor = {"given_names": "Sacha", "family_name": "Durand", "email": "sacha.durand@mutuelle.fr"}
        values = {
            "company": {"siret": "55210055400013", "name": "Mutuelle de Saône", "city": "Mâcon"},
            "kind": "stage",
            "starts_on": begins.isoformat(),
            "ends_on": ends.isoformat(),
            "days": 35,
            "missions": "Accueil des sociétaires",
            "tutor": tutor,
            **changed,
        }
        candidacy, by = Candidacy.objects.get(pk=self.candidacy.id), self.actor(by or self.candidate)
        return proposed_placements.propose(by, candidacy, values, self.clock())

    @property
    def tutor(self) -> Person:
        return Person.objects.get(pk=self.placement.tutor)

    # --- evidence ---------------------------------------------------------------------------------

    @cached_property
    def activity(self) -> Activity:
        made: Activity = begun(self, "activity", self.new_activity)
        return made

    def new_activity(self, context: str = "pfmp") -> Activity:
        values = {"title": "Relance des impayés", "context": context, "mission": "Relancer les sociétaires"}
        values |= {"placement": self.placement.id if context == "pfmp" else None}
        return deposit.add_activity(self.actor(self.candidate), self.portfolio, values, self.clock())

    def new_piece(self, activity: Activity | None = None, **changed: Any) -> Evidence:
        """Ready as it is: text only, real situation, anonymised."""
        values = {
            "type_code": "REF1",
            "title": "Lettre de relance",
            "nature": "production",
            "situation": "reelle",
            "context": "pfmp",
            "activity": (activity or self.activity).id,
            "produced_on": DATES.produced_on.isoformat(),
            "description": {"context": "En agence", "aim": "Relancer", "result": "12 règlements"},
            "competences": [{"competence": code, "justification": "Voir le document."} for code in ALL_COMPETENCES],
            "criteria": ["K1", "K2", "K3"],
            "tool_families": ["T2"],
            "permission": "accordee",
            "anonymisation": "fait",
            "assistance_used": False,
            **changed,
        }
        return deposit.add_piece(self.actor(self.candidate), self.portfolio, values, self.clock())

    def begin_with(self, candidacy: Candidacy, data: bytes = PDF, name: str = "lettre.pdf") -> EvidenceFile:
        """Photo or file first, of any candidate: a piece that begins with it, its title to come."""
        by = self.actor(Person.objects.get(pk=candidacy.person))
        piece = quick_deposit.begin_with(by, Portfolio.objects.get(pk=candidacy.id), name, self.clock())
        return upload_ending.finish(by, self.send(piece, data, name, by), self.clock())

    def send(
        self, piece: Evidence, data: bytes = PDF, name: str = "lettre.pdf", by: Actor | None = None, **said: Any
    ) -> Any:
        """Every part of one file, relayed; answers the file, still to be committed."""
        by = by or self.actor(self.candidate)
        values = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **said}
        file = uploads.begin(by, Evidence.objects.get(pk=piece.id), values, self.clock())
        for number, start in enumerate(range(0, len(data), file.part_size), 1):
            part = io.BytesIO(data[start : start + file.part_size])
            uploads.receive_part(by, file, number, part, self.clock())
        return file

    def upload(self, piece: Evidence, data: bytes = PDF, name: str = "lettre.pdf", **said: Any) -> Any:
        """The whole upload of one file, relayed; answers the file, verified or quarantined."""
        return upload_ending.finish(self.actor(self.candidate), self.send(piece, data, name, **said), self.clock())

    def sign_off(self, activity: Activity | None = None, answer: str = "confirmed") -> None:
        """Tutor (in a company) and follower answer."""
        activity = activity or self.activity
        seats = [("teacher", self.follower)] + ([("tutor", self.tutor)] if activity.context == "pfmp" else [])
        for seat, person in seats:
            by = self.actor(person)
            fresh = Activity.objects.get(pk=activity.id)
            seen = content.content_for(by, fresh, seat)
            comment = "Vu ensemble, précisions données."
            answers.answer(by, fresh, seat, answer, seen.digest, comment, None, None, self.clock())

    def submit(self) -> Portfolio:
        """A portfolio with one signed-off piece, submitted."""
        made: Portfolio = begun(self, "submitted", self._submit)
        return made

    def _submit(self) -> Portfolio:
        if not Evidence.objects(candidacy=self.candidacy.id).first():
            self.new_piece()
            self.sign_off()
        return submit.submit(self.actor(self.candidate), self.portfolio, True, self.clock())

    def set_password(self, person: Person, password: str = "Une phrase de sept mots bien longue") -> str:
        Person.objects(pk=person.id).update(set__password=passwords.hash(password))
        return password

    def later(self, **by: float) -> datetime:
        return self.clock() + timedelta(**by)
