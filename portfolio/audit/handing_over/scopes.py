"""Says which rows of each collection belong to a school or an academy, and why the others stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bson import ObjectId
from pymongo.client_session import ClientSession

from portfolio.documents.made_circulars import MadeCircularState
from portfolio.documents.people import Role
from portfolio.errors import NotFound
from portfolio.store.batches import batches
from portfolio.store.connections import current
from portfolio.store.seals import RawRow

IDS_AT_ONCE = 1000
OF_CANDIDACY = ("portfolio", "assessment", "access", "formative")
# Collections whose rows name neither a candidacy nor a person: an act may seal one in a chain of its own.
WITH_A_CHAIN = ("companies", "checks", "roster_imports", "list_imports", "elimination_slips")


class UnknownOwner(NotFound):
    code = "unknown_owner"
    detail = "{what} n'est pas connu ici. Vérifiez le code."


class OwnerKind(StrEnum):
    SCHOOL = "school"
    ACADEMY = "academy"


@dataclass
class Owner:
    """Who is given what is theirs, at one moment. schools: ids of those handed over.

    people: {id: True if all their rights are here}. loose: {collection: ids of its rows}, of WITH_A_CHAIN.
    """

    kind: OwnerKind
    code: str
    name: str
    academy: str
    schools: list[ObjectId]
    candidacies: set[ObjectId] = field(default_factory=set)
    people: dict[ObjectId, bool] = field(default_factory=dict)
    juries: list[ObjectId] = field(default_factory=list)
    loose: dict[str, list[ObjectId]] = field(default_factory=dict)

    def holds(self, grant: RawRow) -> bool:
        """Returns True if this right is on something that is handed over."""
        if grant.get("school") in self.schools or grant.get("candidacy") in self.candidacies:
            return True
        return self.kind == OwnerKind.ACADEMY and self.code in (grant.get("academies") or [grant.get("academy")])

    def holds_alone(self, grant: RawRow) -> bool:
        """Returns True if this right is on nothing else: that of a jury for several academies is on others too."""
        return self.holds(grant) and len(grant.get("academies") or []) < 2

    @property
    def own_people(self) -> list[ObjectId]:
        return [person for person, alone in self.people.items() if alone]

    def chains(self) -> list[str]:
        """Returns the names of the chains that are theirs, in order; some may have no link."""
        names = [f"{prefix}:{candidacy}" for candidacy in self.candidacies for prefix in OF_CANDIDACY]
        names += [f"school:{school}" for school in self.schools]
        names += [f"person:{person}" for person in self.own_people]
        names += [f"{collection}:{row}" for collection, rows in self.loose.items() for row in rows]
        if self.kind == OwnerKind.ACADEMY:
            names += [f"academy:{self.code}", *(f"jury:{jury}" for jury in self.juries)]
        return sorted(names)


def owner_of(kind: OwnerKind, code: str, session: ClientSession) -> Owner:
    """Returns the school (UAI) or the academy (code) of this code, and the ids of what is theirs.
    Raises UnknownOwner.
    """
    database = current().database
    if kind == OwnerKind.SCHOOL:
        row = database.schools.find_one({"uai": code}, session=session)
        if row is None:
            raise UnknownOwner(what=f"L'établissement {code}")
        owner = Owner(kind, code, row["name"], row["academy"], [row["_id"]])
    else:
        row = database.academies.find_one({"code": code}, session=session)
        if row is None:
            raise UnknownOwner(what=f"Le code d'académie {code}")
        owner = Owner(kind, code, row["name"], code, list(_ids("schools", {"academy": code}, session)))
        owner.juries = list(_ids("juries", {"academies": code}, session))
    of_schools = {"school": {"$in": owner.schools}}
    owner.candidacies = set(_ids("candidacies", of_schools, session))
    owner.loose = {name: list(_ids(name, of_schools, session)) for name in WITH_A_CHAIN}
    owner.people = _people(owner, session)
    return owner


def _ids(collection: str, query: RawRow, session: ClientSession) -> Iterator[ObjectId]:
    rows = current().database[collection].find(query, {"_id": 1}, session=session).sort("_id", 1)
    yield from (row["_id"] for row in rows)


def _people(owner: Owner, session: ClientSession) -> dict[ObjectId, bool]:
    """Returns {person id: True if they are known nowhere else} of the people with a right, a candidacy or a placement
    here. The operator's own administrators stay.
    """
    database, of_schools = current().database, {"school": {"$in": owner.schools}}
    named = {row["person"] for row in database.candidacies.find(of_schools, {"person": 1}, session=session)}
    placed = database.placements.find({**of_schools, "tutor": {"$ne": None}}, {"tutor": 1}, session=session)
    named |= {row["tutor"] for row in placed}
    asked: list[RawRow] = [{"schools": {"$in": owner.schools}}, {"grants.school": {"$in": owner.schools}}]
    if owner.kind == OwnerKind.ACADEMY:
        asked += [{"grants.academy": owner.code}, {"grants.academies": owner.code}]
    queries: list[RawRow] = [{"$or": asked}, *_among("_id", sorted(named))]
    people: dict[ObjectId, bool] = {}
    for query in queries:
        for row in database.persons.find(query, {"grants": 1, "schools": 1}, session=session):
            grants = row.get("grants", [])
            alone = all(owner.holds_alone(grant) for grant in grants) and set(row.get("schools", [])) <= set(
                owner.schools
            )
            people[row["_id"]] = alone and not any(grant["role"] == Role.ADMINISTRATOR for grant in grants)
    return dict(sorted(people.items()))


def _among(name: str, ids: list[ObjectId]) -> Iterator[RawRow]:
    for batch in batches(ids, IDS_AT_ONCE):
        yield {name: {"$in": batch}}


# --- the rows that are given ----------------------------------------------------------------------


@dataclass(frozen=True)
class GivenRows:
    """Which rows of a collection are given. words: in French. queries: whose rows follow each other."""

    words: str
    queries: Callable[[Owner, ClientSession], Iterator[RawRow]]


def _of_schools(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    yield {"school": {"$in": owner.schools}}


def _versions(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    pieces = _ids("evidence", {"school": {"$in": owner.schools}}, session)
    for batch in batches(pieces, IDS_AT_ONCE):
        yield {"evidence": {"$in": batch}}


def _themselves(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    yield from _among("_id", list(owner.people))


def _mails(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    for query in _among("person", owner.own_people):
        yield query | {"done_at": {"$ne": None}}


def _changes(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    yield from _among("person", owner.own_people)


def _juries(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    if owner.kind == OwnerKind.ACADEMY:
        yield {"academies": owner.code}


def _published(owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    yield {"state": MadeCircularState.PUBLISHED}


SCHOOLS = GivenRows("celles de l'établissement, ou de chaque établissement de l'académie", _of_schools)
GIVEN: Mapping[str, GivenRows] = {
    "academies": GivenRows("l'académie", lambda owner, _: iter([{"code": owner.academy}])),
    "schools": GivenRows(
        "l'établissement, ou ceux de l'académie", lambda owner, _: iter([{"_id": {"$in": owner.schools}}])
    ),
    "juries": GivenRows(
        "les jurys de l'académie ; à un établissement, aucun : ils jugent aussi ceux des autres", _juries
    ),
    "persons": GivenRows(
        "les personnes qui y ont un droit, une candidature ou une période ; de leurs droits, ceux d'ici seulement",
        _themselves,
    ),
    "made_circulars": GivenRows("les versions publiées, auxquelles les candidatures sont tenues", _published),
    "account_changes": GivenRows("ceux des personnes dont tous les droits sont ici", _changes),
    "outbox": GivenRows("les courriels partis vers les personnes dont tous les droits sont ici", _mails),
    "evidence_versions": GivenRows("celles des preuves remises", _versions),
    **dict.fromkeys(
        (
            *(
                "candidacies",
                "roster_imports",
                "list_imports",
                "companies",
                "placements",
                "checks",
                "portfolios",
                "activities",
            ),
            *("evidence", "files", "paper_scans", "submissions", "attestations", "reality_evaluations", "feedback"),
            *("commissions", "grids", "grid_scans", "assessments", "sheets", "reserves", "results", "office_outcomes"),
            *("elimination_slips", "proposed_placements", "transfers", "certificate_files"),
        ),
        SCHOOLS,
    ),
}
_ENTERS = "ouvre un compte du service que vous quittez : ne sert à rien ailleurs, et ne se donne à personne"
_OF_THE_MOMENT = "sert au fonctionnement du service, quelques heures ou quelques jours"
_IN_PROOFS = "dans le dossier « preuves »"
NOT_GIVEN: Mapping[str, str] = {
    "sign_ins": _ENTERS,
    "invitations": _ENTERS,
    "sign_off_links": _ENTERS,
    "asked_ways": _ENTERS,
    "circular_annexes": "publiées avec la circulaire nationale ; leur empreinte est dans chaque version publiée",
    "drafts": "des brouillons, que seul lit leur auteur : il les prend dans « Mes données »",
    "unsent": "des formulaires interrompus, que seul lit leur auteur, gardés un jour",
    "attempts": _OF_THE_MOMENT,
    "request_keys": _OF_THE_MOMENT,
    "turns": _OF_THE_MOMENT,
    "presences": _OF_THE_MOMENT,
    "printed_dossiers": _OF_THE_MOMENT,
    "unpackings": "ce que sont devenus les fichiers d'une archive : les preuves qui en sont faites sont données",
    "digested_objects": _OF_THE_MOMENT,
    "migrations": _OF_THE_MOMENT,
    "events": _IN_PROOFS,
    "chains": _IN_PROOFS,
    "anchors": _IN_PROOFS,
    "anchored_heads": _IN_PROOFS,
}
