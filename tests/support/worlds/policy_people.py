"""Everybody and everything that POLICY speaks of, in every state that matters, side by side.

Three schools of two academies, eight candidates of three sessions and two exams. People are known by what they are
("tutor of zoe"). Nothing goes through the verbs, which would not let all these states stand together. Only what
relations are read from (candidacies, commissions, schools) is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from portfolio.documents import (
    Academy,
    AccountChange,
    Activity,
    Assessment,
    Attestation,
    Candidacy,
    CertificateFile,
    Check,
    Commission,
    Company,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    Feedback,
    Grant,
    Grid,
    GridScan,
    Jury,
    ListImport,
    MadeCircular,
    OfficeOutcome,
    PaperScan,
    Person,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    Reserve,
    Result,
    RosterImport,
    School,
    Sheet,
    SignIn,
    Submission,
    Transfer,
)
from portfolio.documents.candidacies import Pin
from portfolio.documents.commissions import Seat
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5

AT = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
SCHOOLS = {"ampere": "10", "bellecour": "10", "ravel": "01"}
OTHER_EXAM = "diplome-fictif-z9"
# What is of E5 is called « 10 2027 », what is of the other exam « 10 2027 Z9 ».
REGIONS = {
    "10 2027": {"academy": "10", "exam": BTS_ASSURANCE_E5, "session": "2027"},
    "10 2028": {"academy": "10", "exam": BTS_ASSURANCE_E5, "session": "2028"},
    "01 2027": {"academy": "01", "exam": BTS_ASSURANCE_E5, "session": "2027"},
    "10 2027 Z9": {"academy": "10", "exam": OTHER_EXAM, "session": "2027"},
}
# A jury for two academies, of another session than the others: an academy has one jury for each exam and session.
REGROUPED = {"academy": "10", "academies": ["01", "10"], "exam": BTS_ASSURANCE_E5, "session": "2029"}
# The school of each, and what their session is called.
CANDIDATES = {
    "zoe": ("ampere", "2027"),
    "karim": ("ampere", "2027"),
    "lea": ("ampere", "2028"),
    "noe": ("bellecour", "2027"),
    "ana": ("ravel", "2027"),
    "ida": ("ampere", "2027 Z9"),
    "eva": ("ampere", "2029"),
    "luc": ("ravel", "2029"),
}
# Who sits, and who is written on the commission but sits no more: their ground to sit was withdrawn.
MEMBERS = {
    "zoe": ("follower of zoe", "tutor of zoe"),
    "karim": ("follower of karim", "follower of noe"),
    "lea": ("moved teacher", "tutor of lea"),
    "noe": ("follower of noe", "tutor of noe"),
    "ana": ("follower of ana", "left tutor"),
    "ida": ("follower of ida", "tutor of ida"),
    "eva": ("follower of eva", "tutor of eva"),
    "luc": ("follower of luc", "tutor of luc"),
}
FALLEN = {"moved teacher", "left tutor"}
REPLACED = {"zoe": "second tutor of zoe", "karim": "professional teacher of ampere"}
SHEETS: tuple[dict[str, Any], ...] = (
    {"state": "draft"},
    {"state": "proposed"},
    {"state": "transmitted"},
    {"state": "final"},
    {"state": "final", "released": True},
    {"state": "final", "released": True, "unmasked": True},
    {"state": "voided", "live": False},
)


JURY_OF_TWO = "jury 01+10 2029"


def region(thing: Any) -> str:
    """What the academy, session and exam of a thing are called, « 10 2027 Z9 »."""
    return f"{thing.academy} {called(thing)}"


def regions(thing: Any) -> list[str]:
    """The same, for each academy of a jury."""
    return [f"{code} {called(thing)}" for code in thing.academies] if isinstance(thing, Jury) else [region(thing)]


def called(thing: Any) -> str:
    """What the session and exam of a thing are called, « 2027 Z9 »."""
    return str(thing.session) if thing.exam == BTS_ASSURANCE_E5 else f"{thing.session} Z9"


class Cast:
    """people: {what they are: person}; actors: the same as they act; things: all documents; names: {id: label}."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.names: dict[Any, str] = {}
        self.things: list[Any] = []
        self.schools = {name: self._named(name) for name in SCHOOLS}
        self.candidacies = {name: self._named(name) for name in CANDIDATES}
        self.placements = {
            f"{which} placement of {name}": self._named(f"{which} placement of {name}")
            for name in CANDIDATES
            for which in ("first", "second")
        }
        self._people()
        self._places()
        for name in CANDIDATES:
            self._candidate(name)
        for thing in self.of(Candidacy) + self.of(Commission) + self.of(School) + self.of(Jury):
            thing.save()
        self.actors = {who: Actor(person) for who, person in self.people.items()}
        for actor in self.actors.values():
            _ = (
                actor.followed,
                actor.seats,
                actor.academies_served,
                actor.juries,
            )  # read once and kept, so that the store may be emptied afterwards

    def of(self, kind: type) -> list[Any]:
        return [thing for thing in self.things if type(thing) is kind]

    def label(self, thing: Any, field: str) -> str | None:
        """What the thing's school, candidacy, placement, commission or member is called."""
        own = {Candidacy: "candidacy", School: "school", Placement: "placement", Commission: "commission"}
        own |= {Assessment: "commission"}
        return self.names.get(thing.id if own.get(type(thing)) == field else getattr(thing, field))

    def _named(self, label: str) -> Any:
        made = new_id()
        self.names[made] = label
        return made

    def _add(self, kind: type, /, **values: Any) -> Any:
        thing = kind(created_at=AT, **values)
        self.things.append(thing)
        return thing

    # --- people -----------------------------------------------------------------------------------

    def _people(self) -> None:
        for name in CANDIDATES:
            self._person(name, ("candidate", {"candidacy": self.candidacies[name]}))
            self._person(f"follower of {name}", self._teaches(CANDIDATES[name][0]))
            for who, which in (("tutor of", "first"), ("second tutor of", "second")):
                self._person(f"{who} {name}", self._tutors(name, which))
        for name, school in self.schools.items():
            self._person(f"office of {name}", ("office", {"school": school}))
        for name, where in REGIONS.items():
            for role in ("jury", "inspector", "exam_service"):
                self._person(f"{role} {name}", (role, where))
        self._person(JURY_OF_TWO, ("jury", REGROUPED))
        self._person("unseated deputy", ("jury", {**REGIONS["10 2027"], "deputy": True}))
        for role, code in (("jury", "10"), ("inspector", "10"), ("exam_service", "10"), ("exam_service", "01")):
            self._person(f"{role} {code} 2029", (role, {"academy": code, "exam": BTS_ASSURANCE_E5, "session": "2029"}))
        for academy in sorted(set(SCHOOLS.values())):
            self._person(f"support {academy}", ("support", {"academy": academy}))
        self._person("teacher of ampere", self._teaches("ampere", profession=False))
        self._person("professional teacher of ampere", self._teaches("ampere"))
        self._person("administrator", ("administrator", {}))
        self._person("moved teacher", self._teaches("bellecour"), revoked=[self._teaches("ampere")])
        self._person("left tutor", self._tutors("noe", "second"), revoked=[self._tutors("ana", "first")])
        self._person("scopeless", *((role, {}) for role in ("office", "teacher", "candidate", "tutor", "jury")))
        everything = [("administrator", {}), ("office", {"school": self.schools["ampere"]}), self._teaches("ampere")]
        everything += [("candidate", {"candidacy": self.candidacies["zoe"]}), self._tutors("zoe", "first")]
        everything += [(role, REGIONS["10 2027"]) for role in ("jury", "inspector", "support", "exam_service")]
        self._person("revoked", revoked=everything)

    def _teaches(self, school: str, profession: bool = True) -> tuple[str, dict[str, Any]]:
        return "teacher", {"school": self.schools[school], "teaches_profession": profession}

    def _tutors(self, name: str, which: str) -> tuple[str, dict[str, Any]]:
        placement = self.placements[f"{which} placement of {name}"]
        return "tutor", {"candidacy": self.candidacies[name], "placement": placement}

    def _person(self, who: str, *grants: tuple[str, dict[str, Any]], revoked: Any = ()) -> None:
        granted = [Grant(role=role, granted_by="system", granted_at=AT, **scope) for role, scope in grants]
        granted += [
            Grant(role=role, granted_by="system", granted_at=AT, revoked_at=AT, **scope) for role, scope in revoked
        ]
        schools = sorted({grant.school for grant in granted if grant.school})
        person = self._add(Person, id=self._named(who), email=f"{len(self.people)}@exemple.fr", grants=granted)
        person.family_name, person.given_names, person.schools = who, who, schools
        self.people[who] = person
        self._add(SignIn, person=person.id, token_hash=who, way="bearer", expires_at=AT)

    # --- places -----------------------------------------------------------------------------------

    def _places(self) -> None:
        for code in sorted(set(SCHOOLS.values())):
            self._add(Academy, code=code, name=code)
        for name, where in REGIONS.items():
            academy, session, exam = where["academy"], where["session"], where["exam"]
            self._add(Jury, name="Jury", academies=[academy], **where)
            pin = Pin(id=session, version="1", sha256="0")
            self._add(MadeCircular, exam=exam, session=session, state="draft", text="…", based_on=pin)
            self._changes(f"jury {name}", academies=[academy], juries=[f"{academy} {session} {exam}"])
        self._add(Jury, name="Jury de deux académies", **REGROUPED)
        self._changes(JURY_OF_TWO, academies=["01", "10"], juries=[f"01+10 2029 {BTS_ASSURANCE_E5}"])
        self._changes("exam_service 10 2029", academies=["10"], juries=[f"10 2029 {BTS_ASSURANCE_E5}"])
        self._changes("jury 10 2027", academies=["10"], juries=["10 2027"])  # as it was written before grants said it
        for name, code in SCHOOLS.items():
            school = {"school": self.schools[name], "academy": code}
            own = {"uai": name, "name": name, "city": "Lyon", "kind": "public", "exams": [BTS_ASSURANCE_E5]}
            self._add(School, id=self.schools[name], academy=code, **own)
            self._add(Company, school=self.schools[name], siret="73282932000074", name="Assureur", city="Lyon")
            self._add(RosterImport, exam=BTS_ASSURANCE_E5, session="2027", sha256="0", expires_at=AT, **school)
            self._add(ListImport, school=self.schools[name], session="2027")
            papers = {"number": name, "rule": "…", "circular": "…", "first_day": "2027-01-12", "last_day": "2027-01-12"}
            for exam in (BTS_ASSURANCE_E5, OTHER_EXAM):
                self._add(EliminationSlip, exam=exam, session="2027", **papers, **school)
            self._add(Check, title="QCM", produced_on="2026-06-02", entered_by=new_id(), **school)
            self._changes(f"office of {name}", academies=[code], schools=[self.schools[name]])

    def _changes(self, who: str, **about: Any) -> None:
        role = self.people[who].grants[0].role
        self._add(AccountChange, what="address", person=self.people[who].id, by="system", role=role, **about)

    # --- one candidate ----------------------------------------------------------------------------

    def _candidate(self, name: str) -> None:
        school, of = CANDIDATES[name]
        below = {"candidacy": self.candidacies[name], "school": self.schools[school]}
        below |= REGIONS.get(f"{SCHOOLS[school]} {of}") or {
            "academy": SCHOOLS[school],
            "exam": BTS_ASSURANCE_E5,
            "session": of,
        }
        self._candidacy(name, below)
        self._add(Portfolio, id=below["candidacy"], **below)
        self._add(Submission, number=1, content="{}", digest="0", submitted_by="system", **below)
        placements = [self.placements[f"{which} placement of {name}"] for which in ("first", "second")]
        for placement in placements:
            self._add(Placement, id=placement, tutor=new_id(), company=new_id(), kind="stage", **below)
            self._add(RealityEvaluation, placement=placement, text="…", digest="0", state="proposed", **below)
        for author in (self.people[name].id, self.people[f"tutor of {name}"].id, new_id()):
            self._add(ProposedPlacement, author=author, author_name="…", kind="stage", **below)
        for joined in SCHOOLS:
            if joined != school:
                to = {"to_school": self.schools[joined], "candidate_name": name, "on": "2027-01-04", "reason": "…"}
                self._add(Transfer, **to, **below)
        for placement in (None, *placements):
            self._add(Activity, title="…", context="pfmp" if placement else "classe", placement=placement, **below)
            self._add(Evidence, title="…", nature="production", placement=placement, **below)
            author = self.people["teacher of ampere"].id if placement is None else new_id()
            self._add(Feedback, evidence=new_id(), evidence_revision=1, author=author, text="…", **below)
            self._add(EvidenceFile, evidence=new_id(), placement=placement, name="…", **below)
            self._add(Attestation, activity=new_id(), placement=placement, seat="teacher", person=new_id(), **below)
            self._add(CertificateFile, placement=placement, deposited_by=new_id(), name="…", key="…", **below)
            self._add(PaperScan, placement=placement, deposited_by=new_id(), name="…", key="…", **below)
        self._commission(f"commission of {name}", self._seats(name), "convened", below)
        cancelled = [Seat(person=self.people[f"follower of {name}"].id, name="…", quality="follower", since=AT)]
        self._commission(f"cancelled commission of {name}", cancelled, "cancelled", below)
        self._add(Reserve, reason="…", placed_by=new_id(), placed_by_name="…", **below)
        for live, decided, published in ((True, False, False), (True, True, True), (False, False, False)):
            said = {"outcome": "no_portfolio", "label": "…", "recorded_by": new_id(), "decided": decided}
            self._add(OfficeOutcome, live=live, published=published, **said, **below)
        for published in (False, True):
            self._add(Result, sheet=new_id(), decided_by=new_id(), published=published, **below)

    def _candidacy(self, name: str, below: dict[str, Any]) -> None:
        own = {field: value for field, value in below.items() if field != "candidacy"} | {"id": below["candidacy"]}
        own |= {"candidate_number": name, "birth_name": name, "given_names": name, "birth_date": "2005-04-12"}
        followers = [self.people[f"follower of {name}"].id, self.people["revoked"].id]
        if name == "lea":
            followers.append(self.people["moved teacher"].id)
        ccf = {"form": "ccf", "reason_code": "public", "reason": "…", "rule_version": "1"}
        pin = {"id": "…", "version": "1", "sha256": "0"}
        own |= {"followers": followers, "ccf": ccf, "circular": pin, "referential": pin}
        self._add(Candidacy, person=self.people[name].id, name_key=name, status="scolaire", **own)

    def _seats(self, name: str) -> list[Seat]:
        professor, second = MEMBERS[name]
        quality = "second_professor" if second.startswith("follower") else "tutor"
        seats = [Seat(person=self.people[professor].id, name="…", quality="follower", since=AT)]
        seats.append(Seat(person=self.people[second].id, name="…", quality=quality, since=AT))
        if name in REPLACED:
            left = {"left_at": AT, "left_reason": "Empêchement"}
            seats.append(Seat(person=self.people[REPLACED[name]].id, name="…", quality="tutor", since=AT, **left))
        return seats

    def _commission(self, label: str, seats: list[Seat], state: str, below: dict[str, Any]) -> None:
        members = [seat.person for seat in seats if seat.left_at is None]
        convened = {"id": self._named(label), "meets_at": AT, "place": "B12", "mode": "sealed", "convened_by": "system"}
        commission = self._add(Commission, seats=seats, members=members, state=state, **convened, **below)
        self._add(Assessment, id=commission.id, members=members, **below)
        of_commission = {"commission": commission.id, "members": members, **below}
        scanned = {"deposited_by": new_id(), "name": "…", "key": str(new_id()), "size": 1, "sha256": "0"}
        scanned |= {"kind": "pdf", "media_type": "application/pdf"}
        for grid in _grids([seat.person for seat in seats]):
            self._add(Grid, **grid, **of_commission)
        self._add(GridScan, **scanned, **{name: value for name, value in of_commission.items() if name != "members"})
        for sheet in SHEETS:
            self._add(Sheet, number="1", content="{}", digest="0", **sheet, **of_commission)


def _grids(people: list[Any]) -> Iterator[dict[str, Any]]:
    for member in people:
        yield {"member": member}
        yield {"member": member, "opened": True}
        yield {"member": member, "live": False}
    yield {"member": None}
    yield {"member": None, "live": False}
