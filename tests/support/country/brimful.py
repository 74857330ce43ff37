"""A portfolio as full as may be, written straight into the store: what is looked at is the reading."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Activity, Attestation, Evidence, EvidenceFile
from portfolio.documents.rows import WholeRow
from portfolio.evidence.deposit import MOST
from portfolio.evidence.upload_limits import MOST_FILES_OF_PIECE
from portfolio.ids import new_id
from portfolio.store.digests import activity_content, digest, shown_digest
from tests.support.worlds.world import World

ACTIVITIES, PIECES = MOST[Activity], MOST[Evidence]


def fill(world: World, activities: int = ACTIVITIES, pieces: int = PIECES, files: int = MOST_FILES_OF_PIECE) -> None:
    """Every activity asked for and confirmed by its tutor, every piece with its files, the first made as any is."""
    first = world.new_piece()
    world.upload(first)
    world.sign_off()
    rows = {kind: _first(kind, world) for kind in (Activity, Evidence, EvidenceFile)}
    made: dict[Any, list[dict[str, Any]]] = {kind: [] for kind in (*rows, Attestation)}
    made[Activity] = [_copy(rows[Activity], title=f"Activité {rank}") for rank in range(2, activities + 1)]
    all_activities = [rows[Activity], *made[Activity]]
    shown: dict[object, list[dict[str, Any]]] = {activity["_id"]: [] for activity in all_activities}
    for rank in range(2, pieces + 1):
        activity = all_activities[rank % activities]["_id"]
        piece = _copy(rows[Evidence], title=f"Pièce {rank}", activity=activity)
        own = [_copy(rows[EvidenceFile], evidence=piece["_id"], name=f"page-{n}.pdf") for n in range(files)]
        made[Evidence].append(piece)
        made[EvidenceFile] += own
        told = shown_digest(_row(Evidence, piece), [_row(EvidenceFile, file) for file in own])
        shown[activity].append(
            {"evidence": piece["_id"], "revision": piece["revision"], "digest": told, "title": piece["title"]}
        )
    answers = list(Attestation._get_collection().find({"activity": rows[Activity]["_id"]}))
    for activity in made[Activity]:
        content = digest(activity_content(_row(Activity, activity)))
        about = {"activity": activity["_id"], "activity_digest": content, "pieces": shown[activity["_id"]]}
        made[Attestation] += [_copy(answer, **about) for answer in answers]
    for kind, copies in made.items():
        if copies:
            kind._get_collection().insert_many(copies)


def _first(kind: Any, world: World) -> dict[str, Any]:
    found: dict[str, Any] = kind._get_collection().find_one({"candidacy": world.candidacy.id})
    return found


def _copy(row: dict[str, Any], **changed: object) -> dict[str, Any]:
    return row | {"_id": new_id(), **changed}


def _row(kind: Any, raw: dict[str, Any]) -> Any:
    return WholeRow(kind, raw)
