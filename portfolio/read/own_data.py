"""What the service keeps about one person, for that person (GDPR, article 15): plain values, ready for JSON.

Never what others wrote in judging them: assessments, sheets and results have their own way out (POLICY, RELEASE_SHEET).
"""

from __future__ import annotations

from typing import Any

from portfolio.connections import current
from portfolio.documents import Attestation, Candidacy, Commission, Evidence, Placement, SignIn
from portfolio.read.history import sentence
from portfolio.relations import Actor

MOST_ACTS = 5000


def own_data(by: Actor) -> dict[str, Any]:
    """In a constant number of queries."""
    person = by.person
    assert person is not None
    return {
        "compte": {
            "adresse": person.email,
            "nom": person.family_name,
            "prénoms": person.given_names,
            "état": person.state,
            "créé le": person.created_at,
        },
        "droits": [_plain(grant.to_mongo(), "granted_by") for grant in person.grants],
        "connexions": [
            _plain(row, "token_hash", "person", "network", "device", "held") for row in _rows(SignIn, person=person.id)
        ],
        "candidatures": [_plain(row, "name_key", "held") for row in _rows(Candidacy, person=person.id)],
        "preuves déposées": _count(Evidence, by),
        "périodes suivies comme tuteur": [_plain(row, "held") for row in _rows(Placement, tutor=person.id)],
        "confirmations données": [_plain(row, "held") for row in _rows(Attestation, person=person.id)],
        "commissions": [_plain(row, "members", "held") for row in _seats(by)],
        "brouillons": [_plain(row, "person") for row in current().database.drafts.find({"person": person.id})],
        "messages": [
            {"quoi": row["kind"], "demandé pour le": row["due_at"], "parti le": row.get("done_at")}
            for row in current().database.outbox.find({"person": person.id}).sort("_id", 1).limit(MOST_ACTS)
        ],
        "actes": _acts(by),
    }


def _rows(kind: Any, **query: Any) -> list[dict[str, Any]]:
    return list(kind._get_collection().find(query).sort("_id", 1).limit(MOST_ACTS))


def _count(kind: Any, by: Actor) -> int:
    return int(kind._get_collection().count_documents({"candidacy": {"$in": by.own_candidacies}}))


def _seats(by: Actor) -> list[dict[str, Any]]:
    """Those they sit or sat on; not the ones that judge their own candidacy."""
    query = {"members": by.id, "candidacy": {"$nin": by.own_candidacies}}
    kept = {"meets_at": 1, "session": 1, "state": 1}
    return list(Commission._get_collection().find(query, kept).sort("_id", 1).limit(MOST_ACTS))


def _acts(by: Actor) -> list[dict[str, Any]]:
    """Of one's own chain: the account and its connections."""
    chain = {"chain": f"person:{by.id}"}
    links = current().database.events.find(chain).sort("seq", 1).limit(MOST_ACTS)
    mine = str(by.id)
    return [
        {"le": link["at"], "quoi": sentence(link["name"], "vous" if link["by"] == mine else "le service", link["data"])}
        for link in links
    ]


def _plain(row: Any, *without: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in without and value is not None}
