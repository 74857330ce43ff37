"""Exports the data that the service keeps about one person, for that person (GDPR, article 15).

Values are plain, ready for JSON, read one row at a time. What commissions and juries wrote is excluded: assessments,
sheets and results are communicated otherwise (POLICY, RELEASE_SHEET).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pymongo.collection import Collection

from portfolio.boards.account_log import SOMEBODY, people_named
from portfolio.documents import (
    AccountChange,
    AskedWay,
    Attestation,
    Candidacy,
    CertificateFile,
    Check,
    Commission,
    Evidence,
    Feedback,
    Invitation,
    PaperScan,
    Person,
    Placement,
    ProposedPlacement,
    RealityEvaluation,
    SignIn,
    SignOffLink,
    Transfer,
)
from portfolio.documents.fields import Thing
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.history import NAMELESS, sentence
from portfolio.submission.lateness import late_of

IN_ONE_BATCH = 100  # rows read ahead
# {collection: the fields by which its rows name a person, or a person's candidacy}: all of these are exported.
SHOWN = {
    "persons": ("_id",),
    "account_changes": ("person",),
    "sign_ins": ("person",),
    "invitations": ("person",),
    "sign_off_links": ("person",),
    "asked_ways": ("person",),
    "candidacies": ("person", "followers"),
    "placements": ("tutor", "candidacy"),
    "proposed_placements": ("author", "candidacy"),
    "transfers": ("candidacy",),
    "attestations": ("person", "candidacy"),
    "commissions": ("members", "seats.person", "meeting.present"),
    "feedback": ("author", "candidacy"),
    "reality_evaluations": ("concurrences.person", "candidacy"),
    "paper_scans": ("deposited_by", "candidacy"),
    "certificate_files": ("deposited_by", "candidacy"),
    "checks": ("entered_by",),
    "drafts": ("person",),
    "presences": ("person",),
    "outbox": ("person",),
}
IN_THE_ARCHIVE = "Dans l'archive de votre portfolio, à prendre sur sa page."
WRITTEN_IN_JUDGING = (
    "Ce qu'une commission ou un jury écrit d'un candidat se demande à l'établissement, une fois les résultats publiés."
)
CIRCULARS_MADE = "Qui a comparé une circulaire avec son annexe se lit sur la page « Circulaires »."
# {collection: why it is not exported}, stated in the export, the same for every person.
ELSEWHERE = {
    "portfolios": IN_THE_ARCHIVE,
    "activities": IN_THE_ARCHIVE,
    "evidence": IN_THE_ARCHIVE,
    "evidence_versions": IN_THE_ARCHIVE,
    "files": IN_THE_ARCHIVE,
    "submissions": IN_THE_ARCHIVE,
    "grids": WRITTEN_IN_JUDGING,
    "grid_scans": WRITTEN_IN_JUDGING,
    "assessments": WRITTEN_IN_JUDGING,
    "sheets": WRITTEN_IN_JUDGING,
    "reserves": WRITTEN_IN_JUDGING,
    "results": WRITTEN_IN_JUDGING,
    "office_outcomes": WRITTEN_IN_JUDGING,
    "printed_dossiers": "Un dossier demandé à imprimer est gardé un jour, sur la page « Se réunir sans réseau ».",
    "unpackings": "Ce que sont devenus les fichiers d'une archive se lit 60 jours sur « Apporter un dossier ».",
    "juries": "Qui a publié les résultats d'une session ou siégé comme suppléant se demande à la division des examens.",
    "roster_imports": "Une liste importée par un établissement : ce qui en a été retenu est dans « candidatures ».",
    "list_imports": "Ce qu'une liste d'un établissement a enregistré est dans les parties dont il s'agit.",
    "elimination_slips": "Les bordereaux d'élimination ne nomment personne : ils portent des numéros de candidat.",
    "schools": "Qui remplace un professeur, et jusqu'à quand, se demande à l'établissement, qui l'a écrit aux deux.",
    "unsent": "Un formulaire interrompu par la fin d'une session est gardé un jour et rendu à la connexion suivante.",
    "made_circulars": CIRCULARS_MADE,
    "circular_annexes": CIRCULARS_MADE,
    "events": "Le journal garde qui a fait chaque acte, par un identifiant ; ceux de votre compte : « actes ».",
}
NAMES_NOBODY = (
    *("academies", "companies", "chains", "request_keys", "attempts", "turns"),
    *("digested_objects", "anchors", "anchored_heads"),
)
SECRETS = ("token_hash", "nonce", "network", "device", "held", "revision")


def own_data(by: Actor) -> dict[str, object]:
    """Returns {French section: value, or lazy iterator over its rows} of all that is kept about the caller, in a
    constant number of queries. Read it once: iterators end.
    """
    assert by.person is not None
    return {
        **_account(by.person),
        **_as_candidate(by),
        **_as_signatory(by),
        **_in_service(by),
        "brouillons": (_plain(row, "person") for row in _read(current().database.drafts, {"person": by.id})),
        "messages": _messages(by),
        "actes": _acts(by),
        "pas dans ce fichier": sorted(set(ELSEWHERE.values())),
    }


def _account(person: Person) -> dict[str, object]:
    mine = {"person": person.id}
    return {
        "compte": {
            "identifiant": person.id,
            "adresse": person.email,
            "adresse en échec depuis": person.address_failed_at,
            "échec de l'adresse": person.address_failure,
            "adresse retardée, constaté le": person.address_delayed_at,
            "nom": person.family_name,
            "prénoms": person.given_names,
            "état": person.state,
            "suspendu parce que": person.suspended_because,
            "application de codes": person.totp is not None,
            "adresse d'agenda faite le": person.feed_made_at,
            "établissements": list(person.schools),
            "créé le": person.created_at,
        },
        "noms corrigés": [_plain(amended.to_mongo(), "by") for amended in person.amended],
        "droits": [_plain(grant.to_mongo(), "granted_by", "confirmed_by") for grant in person.grants],
        "droits et comptes": (
            _plain(row, "person", "by", "settled_by", "titular") for row in _rows(AccountChange, mine)
        ),
        "connexions": (_plain(row, "person") for row in _rows(SignIn, mine)),
        "invitations": (_plain(row, "person") for row in _rows(Invitation, mine)),
        "liens reçus": (_plain(row, "person") for row in _rows(SignOffLink, mine)),
        "codes et liens demandés": (_plain(row, "person") for row in _rows(AskedWay, mine)),
    }


def _as_candidate(by: Actor) -> dict[str, object]:
    """Returns {French title: rows, or their number} of what the service holds of a candidate; what others wrote of a
    placement or signed is theirs, and readable on pages.
    """
    mine = {"candidacy": {"$in": by.own_candidacies}}
    period = (
        *("company_name", "company_city", "kind", "starts_on", "ends_on", "days", "missions", "cancelled_at"),
        *("certificate.days", "certificate.issued_on", "certificate.seen_at", "certificate.seen_name"),
        "certificate_file",
    )
    scan = ("placement", "name", "size", "created_at")
    answer = (
        *("activity", "activity_title", "placement", "seat", "state", "created_at", "answered_at"),
        *("reused", "given_in"),
    )
    return {
        "candidatures": (_plain(row, "name_key") for row in _rows(Candidacy, {"person": by.id})),
        "preuves déposées": Evidence._get_collection().count_documents(mine),
        "preuves déposées après la date limite": (
            {"preuve": piece, "le": since} for piece, since in late_of(by.own_candidacies)
        ),
        "preuves reprises d'une session antérieure": _taken(by),
        "périodes en entreprise": _rows(Placement, mine, *period),
        "périodes en entreprise proposées": (_plain(row, "answered_by") for row in _rows(ProposedPlacement, mine)),
        "transferts à un autre établissement": (_plain(row) for row in _rows(Transfer, mine)),
        "confirmations de mes activités": _rows(Attestation, mine, *answer),
        "réalité de mes activités": _rows(RealityEvaluation, mine, "placement", "text", "state", "alone_reason"),
        "attestations sur papier": _rows(PaperScan, mine, *scan),
        "certificats de mes périodes": _rows(CertificateFile, mine, *scan, "deposited_name", "discarded_at"),
        "conseils reçus": (_plain(row, "author") for row in _rows(Feedback, mine)),
    }


def _taken(by: Actor) -> Iterator[dict[str, object]]:
    """Yields each piece that the candidate took of an earlier session, under French names; withdrawn ones too."""
    words = {"_id": "preuve", "candidacy": "candidature", "created_at": "le"}
    mine = {"candidacy": {"$in": by.own_candidacies}, "reused": {"$ne": None}}
    for row in _rows(Evidence, mine, "candidacy", "created_at", "reused"):
        yield {french: row[name] for name, french in words.items()} | {"session": row["reused"]["session"]}


def _as_signatory(by: Actor) -> dict[str, object]:
    """Returns {French title: rows} of what the service holds of a tutor or teacher who signs; of certificates, those
    that they deposited of others than themselves.
    """
    deposited = {"deposited_by": by.id, "candidacy": {"$nin": by.own_candidacies}}
    return {
        "périodes suivies comme tuteur": (_plain(row) for row in _rows(Placement, {"tutor": by.id})),
        "périodes en entreprise proposées comme tuteur": (
            _plain(row, "answered_by")
            for row in _rows(ProposedPlacement, {"author": by.id, "candidacy": {"$nin": by.own_candidacies}})
        ),
        "certificats de périodes déposés": (
            _plain(row, "deposited_by", "key", "sha256") for row in _rows(CertificateFile, deposited)
        ),
        "confirmations données": (_plain(row) for row in _rows(Attestation, {"person": by.id})),
        "réalité des activités, évaluations approuvées": _concurred(by),
    }


def _concurred(by: Actor) -> list[dict[str, Any]]:
    """Returns each evaluation that this person agreed to, with their own agreement only."""
    rows = _rows(RealityEvaluation, {"concurrences.person": by.id}, "placement", "text", "state", "concurrences")
    return [
        row | {"concurrences": [agreement for agreement in row["concurrences"] if agreement["person"] == by.id]}
        for row in rows
    ]


def _in_service(by: Actor) -> dict[str, object]:
    """Returns {French title: rows} of what the service holds of a member of staff; of commissions, those on which they
    sit or sat, but not that of their own candidacy.
    """
    sat = {"$or": [{"members": by.id}, {"seats.person": by.id}], "candidacy": {"$nin": by.own_candidacies}}
    deposited = {"deposited_by": by.id}
    return {
        "candidats suivis": _rows(Candidacy, {"followers": by.id}, "school", "session", "division"),
        "conseils donnés": (_plain(row) for row in _rows(Feedback, {"author": by.id})),
        "attestations sur papier déposées": _rows(PaperScan, deposited, "placement", "name", "size", "created_at"),
        "contrôles saisis": _rows(Check, {"entered_by": by.id}, "school", "title", "produced_on", "created_at"),
        "commissions": _rows(Commission, sat, "meets_at", "meeting.held_at", "session", "state"),
        "candidats ouverts cette semaine": (
            _plain(row, "person") for row in _read(current().database.presences, {"person": by.id}, by_field="at")
        ),
    }


def _rows(kind: type[Thing], query: dict[str, Any], *only: str) -> Iterator[dict[str, Any]]:
    """Yields rows that match, by id. only: fields to keep beside the identifier; all fields if none is named."""
    return _read(kind._get_collection(), query, *only)


def _read(
    collection: Collection[dict[str, Any]], query: dict[str, Any], *only: str, by_field: str = "_id"
) -> Iterator[dict[str, Any]]:
    """Yields rows in ascending order of `by_field`, with the fields `only` (and `_id`; all if none is named); the query
    runs when the first one is read.
    """
    kept = dict.fromkeys(only, 1) or None
    yield from collection.find(query, kept).sort(by_field, 1).batch_size(IN_ONE_BATCH)


def _messages(by: Actor) -> Iterator[dict[str, Any]]:
    """Yields messages to the caller under French names: sent or withheld, then those that wait. A row without effect
    names no person.
    """
    words = {"kind": "quoi", "due_at": "demandé pour le", "done_at": "parti le", "outcome": "issue"}
    words |= {
        "bounced_at": "revenu le",
        "bounce_status": "revenu pour",
        "delayed_at": "retardé le",
        "delay_status": "retardé pour",
    }
    for query in ({"person": by.id}, {"done_at": None, "person": None, "payload.person": by.id}):
        for row in _read(current().database.outbox, query, *words):
            yield {words.get(name, name): value for name, value in row.items()}


def _acts(by: Actor) -> Iterator[dict[str, Any]]:
    """Yields {le: instant, quoi: French sentence} for each act of the caller's own chain, oldest first: the account,
    its sign-ins, and who of support looked it up.
    """
    mine, events, chain = str(by.id), current().database.events, {"chain": f"person:{by.id}"}
    support = people_named(events.distinct("by", chain | {"name": EventName.PERSON_LOOKED_UP}))
    for link in _read(events, chain, by_field="seq"):
        who = "vous" if link["by"] == mine else NAMELESS.get(link["by"], "le service")
        if link["name"] == EventName.PERSON_LOOKED_UP and link["by"] != mine:
            who = f"{support.get(link['by'], SOMEBODY)}, de l'assistance,"
        yield {"le": link["at"], "quoi": sentence(link["name"], who, link["data"])}


def as_json(sections: dict[str, object]) -> Iterator[str]:
    """Yields the sections as one JSON object, in pieces: no section is ever whole in memory."""
    for number, (name, value) in enumerate(sections.items()):
        yield f"{',' if number else '{'}\n{_dumped(name)}: "
        if not isinstance(value, Iterator):
            yield _dumped(value)
            continue
        yield "["
        for rank, row in enumerate(value):
            yield f"{',' if rank else ''}\n  {_dumped(row)}"
        yield "]"
    yield "\n}\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _plain(row: Mapping[str, object], *without: str) -> dict[str, object]:
    """Returns the row without SECRETS, empty values and the fields named `without`."""
    return {name: value for name, value in row.items() if name not in (*SECRETS, *without) and value is not None}
