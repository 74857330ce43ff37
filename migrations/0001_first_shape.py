"""Every collection, with its indexes: unique ones exist before any worker writes."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

ONE = {"unique": True}
COLLECTIONS: dict[str, list[tuple[tuple[str, ...], dict[str, Any]]]] = {
    "academies": [(("code",), ONE)],
    "schools": [(("uai",), ONE), (("academy",), {})],
    "juries": [(("academy", "session"), ONE)],
    "companies": [(("school", "siret"), ONE)],
    "persons": [(("email",), ONE), (("schools",), {})],
    "invitations": [(("token_hash",), ONE), (("person",), {})],
    "sign_off_links": [(("token_hash",), ONE), (("person",), {})],
    "asked_ways": [(("address", "created_at"), {}), (("created_at",), {"expireAfterSeconds": 2592000})],
    "paper_scans": [(("candidacy",), {}), (("placement",), {}), (("key",), ONE), (("deposited_by",), {})],
    "sign_ins": [(("token_hash",), ONE), (("person",), {})],
    "candidacies": [
        (("session", "academy", "candidate_number"), ONE),
        (("school", "session", "name_key", "_id"), {}),
        (("academy", "session", "name_key", "_id"), {}),
        (("followers",), {}),
        (("person", "session"), ONE),
    ],
    "placements": [(("candidacy",), {}), (("tutor",), {}), (("school", "_id"), {})],
    "roster_imports": [(("school", "_id"), {})],
    "portfolios": [(("candidacy",), {}), (("school", "session"), {}), (("slip",), {})],
    "activities": [(("candidacy",), {}), (("placement",), {})],
    "evidence": [(("candidacy",), {}), (("activity",), {}), (("placement",), {})],
    "evidence_versions": [(("evidence", "revision"), ONE)],
    "files": [(("evidence",), {}), (("candidacy",), {}), (("state",), {}), (("key",), ONE)],
    "feedback": [(("evidence",), {}), (("candidacy",), {}), (("author",), {})],
    "checks": [(("school", "_id"), {}), (("entered_by",), {})],
    "submissions": [(("candidacy", "number"), ONE)],
    "attestations": [
        (("candidacy",), {}),
        (("activity",), {}),
        (
            ("activity", "person"),
            {"name": "one_request_at_a_time", **ONE, "partialFilterExpression": {"state": "requested"}},
        ),
        (("person",), {"name": "waiting_for", "partialFilterExpression": {"state": "requested"}}),
        (("person", "_id"), {}),
        (("act",), {}),
    ],
    "reality_evaluations": [(("candidacy",), {}), (("placement",), ONE)],
    "commissions": [
        (
            ("candidacy",),
            {"name": "one_live_commission", **ONE, "partialFilterExpression": {"state": "convened"}},
        ),
        (("members", "meets_at"), {}),
        (("seats.person",), {}),
        (("school", "session", "meets_at"), {}),
        (("academy", "session", "meets_at"), {}),
    ],
    "grids": [
        (("commission",), {}),
        (("commission", "member"), {"name": "one_live_grid", **ONE, "partialFilterExpression": {"live": True}}),
    ],
    "assessments": [(("candidacy",), {})],
    "sheets": [
        (("number",), ONE),
        (("candidacy",), {"name": "one_live_sheet", **ONE, "partialFilterExpression": {"live": True}}),
        (("school", "session", "state"), {}),
        (("academy", "session", "state"), {}),
        (("commission",), {}),
    ],
    "presences": [
        (("commission", "person"), ONE),
        (("person", "at"), {}),
        (("at",), {"expireAfterSeconds": 604800}),
    ],
    "results": [(("candidacy",), ONE), (("academy", "session", "_id"), {}), (("sheet",), {})],
    "elimination_slips": [(("number",), ONE), (("school", "session"), {})],
    "events": [
        (("chain", "seq"), ONE),
        (
            ("data.decided.sheet",),
            {"name": "confirmed_in", "partialFilterExpression": {"name": "proposals_confirmed"}},
        ),
    ],
    "chains": [],
    "outbox": [
        (("done_at", "due_at"), {}),
        (("key",), {"name": "one_waits", **ONE, "partialFilterExpression": {"key": {"$exists": True}}}),
        (("requests",), {"name": "mails_about", "partialFilterExpression": {"requests": {"$exists": True}}}),
        (("advice",), {"name": "mails_telling", "partialFilterExpression": {"advice": {"$exists": True}}}),
        (("person",), {"name": "mails_to", "partialFilterExpression": {"person": {"$exists": True}}}),
    ],
    "request_keys": [(("at",), {"expireAfterSeconds": 172800})],
    "drafts": [(("person", "form"), ONE), (("at",), {"expireAfterSeconds": 5184000})],
}


def migrate(db: Database[dict[str, Any]]) -> None:
    existing = set(db.list_collection_names())
    for name, indexes in COLLECTIONS.items():
        if name not in existing:
            db.create_collection(name)
        for fields, options in indexes:
            db[name].create_index([(field, ASCENDING) for field in fields], **options)
