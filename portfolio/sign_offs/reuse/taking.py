"""Takes chosen pieces of earlier sessions into the portfolio of a candidate who is enrolled again, in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Evidence, EvidenceFile, Portfolio, School
from portfolio.documents.fields import by_id
from portfolio.documents.portfolios import PieceState, PortfolioState
from portfolio.enrolment.pinned import referential_of
from portfolio.errors import Invalid
from portfolio.evidence.deposit import open_portfolio_of, refuse_full, touch
from portfolio.evidence.piece_fields import missing_of
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_limits import refuse_without_room_for
from portfolio.files import sealed_files
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.reuse.copies import (
    TakenActivity,
    TakenPiece,
    activity_anew,
    answer_anew,
    covered,
    files_anew,
    piece_anew,
    sealed_anew,
)
from portfolio.sign_offs.reuse.earlier import answers_on, earlier_portfolios, taken_of, verified_of
from portfolio.store.chains import Event, event_by
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, Insert, commit, portfolio_chain

MOST_AT_ONCE = 60


@runs_again_if_stale(as_seen=False)
def reuse(by: Actor, portfolio: Portfolio, chosen: Sequence[ObjectId], at: datetime) -> list[Evidence]:
    """Takes up to MOST_AT_ONCE pieces (ids) of earlier sessions of the candidate into this portfolio, with their
    activities, their verified files and the answers given on them, and returns the pieces here, in the order of
    `chosen`. One that was taken already is left as it is. Raises PortfolioSubmitted, Eliminated, PortfolioFull,
    TooMuchToReuse, NotAsSealed or ObjectGone (a file is no longer what was verified); Invalid on `pieces` if one is not
    of an earlier session of the candidate; MovedMeanwhile if that portfolio changed at this moment.
    """
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    sources = {source.id: source for source in earlier_portfolios(by, portfolio)}
    pieces, here = _pieces(sources, chosen), taken_of(portfolio)
    wanted = [piece for piece in pieces if piece.id not in here]
    if wanted:
        activities = _activities(portfolio, wanted, at)
        taken = list(_taken(portfolio, wanted, activities, at))
        _refuse_beyond(portfolio, activities, taken)
        held = {piece.candidacy: sources[piece.candidacy] for piece in wanted}.values()
        changes, events = _written(by, portfolio, activities, taken, at)
        answers, answered = _answers(by, portfolio, list(activities.values()), here.values(), at)
        commit([touch(portfolio), *map(_kept, held), *changes, *answers], [*events, *answered])
        here |= {piece.before.id: piece.after for piece in taken}
    return [here[piece.id] for piece in pieces]


def _kept(source: Portfolio) -> Hold:
    """Returns the guard of the portfolio that is taken from: it is as it was read, and not eliminated meanwhile."""
    return Hold(source, {"revision": source.revision, "state": {"$ne": PortfolioState.ELIMINATED}})


def _pieces(sources: Mapping[ObjectId, Portfolio], chosen: Sequence[ObjectId]) -> list[Evidence]:
    """Returns the chosen pieces, each once, in their order. Raises Invalid on `pieces`."""
    ids = list(dict.fromkeys(chosen))
    stored = {piece.id: piece for piece in Evidence.objects(pk__in=ids, withdrawn_at=None)}
    if not ids:
        raise Invalid({"pieces": ["Choisissez au moins une preuve à reprendre."]})
    if any(key not in stored or stored[key].candidacy not in sources for key in ids):
        sentence = "Une de ces preuves n'est pas, ou n'est plus, d'une de vos sessions antérieures : relisez la liste."
        raise Invalid({"pieces": [sentence]})
    return [stored[key] for key in ids]


def _activities(portfolio: Portfolio, wanted: Sequence[Evidence], at: datetime) -> dict[ObjectId, TakenActivity]:
    """Returns {id of an earlier activity: what stands for it here} for those of these pieces. Two queries."""
    before = by_id(Activity, (piece.activity for piece in wanted))
    among = {"reused.of": {"$in": list(before)}, "withdrawn_at": None, "candidacy": portfolio.candidacy}
    here = {activity.reused.of: activity for activity in Activity.objects(__raw__=among)}
    return {
        key: TakenActivity(earlier, here.get(key) or activity_anew(earlier, portfolio, at), is_new=key not in here)
        for key, earlier in sorted(before.items())
    }


def _taken(
    portfolio: Portfolio, wanted: Sequence[Evidence], activities: Mapping[ObjectId, TakenActivity], at: datetime
) -> Iterator[TakenPiece]:
    """Yields each wanted piece with its new rows, noted on its activity too. Raises NotAsSealed, ObjectGone."""
    rules = referential_of(Candidacy.objects.get(pk=portfolio.candidacy))
    competences = {*rules.competences, *rules.context_competences}
    of_pieces = {key: verified_of(files) for key, files in files_of(wanted).items()}
    every = [file for files in of_pieces.values() for file in files]
    known = sealed_files.known_of(every)
    for file in every:
        sealed_files.refuse_altered(file, known)
    for piece in wanted:
        activity = activities.get(piece.activity)
        after = piece_anew(piece, activity.after if activity else None, competences, portfolio, at)
        files = files_anew(of_pieces[piece.id], after, portfolio, at)
        after.state = PieceState.DRAFT if missing_of(after, list(files)) else PieceState.READY
        copied = TakenPiece(piece, tuple(of_pieces[piece.id]), after, files)
        if activity is not None:
            activity.pieces.append(copied)
        yield copied


def _refuse_beyond(
    portfolio: Portfolio, activities: Mapping[ObjectId, TakenActivity], taken: Sequence[TakenPiece]
) -> None:
    """Raises PortfolioFull, TooMuchToReuse."""
    refuse_full(portfolio, Activity, sum(activity.is_new for activity in activities.values()))
    refuse_full(portfolio, Evidence, len(taken))
    refuse_without_room_for(portfolio, sum(int(file.size or 0) for piece in taken for file in piece.files))


def _written(
    by: Actor,
    portfolio: Portfolio,
    activities: Mapping[ObjectId, TakenActivity],
    taken: Sequence[TakenPiece],
    at: datetime,
) -> tuple[list[AnyChange], list[Event]]:
    """Returns the insertions, not yet written, of activities, pieces and files, each with its event."""
    made: list[tuple[EventName, Activity | Evidence | EvidenceFile, dict[str, object]]] = [
        (EventName.ACTIVITY_REUSED, activity.after, {}) for activity in activities.values() if activity.is_new
    ]
    for piece in taken:
        made.append((EventName.EVIDENCE_REUSED, piece.after, {"type": piece.after.type_code}))
        for file in piece.files:
            made.append((EventName.FILE_REUSED, file, {"sha256": file.sha256, "size": int(file.size or 0)}))
    changes: list[AnyChange] = [Insert(thing) for _, thing, _ in made]
    events = [
        event_by(by, at, portfolio_chain(portfolio), name, thing, data | _origin(thing)) for name, thing, data in made
    ]
    return changes, events


def _origin(thing: Activity | Evidence | EvidenceFile) -> dict[str, object]:
    return {"session": thing.reused.session, "of": str(thing.reused.of)}


def _answers(
    by: Actor, portfolio: Portfolio, activities: Sequence[TakenActivity], stand: Iterable[Evidence], at: datetime
) -> tuple[list[AnyChange], list[Event]]:
    """Returns the changes and events of the answers on what is taken: a new row for each, or, where it stands here
    already, that row with the pieces that are added, and without those withdrawn since. stand: the pieces that were
    taken before and stand here. Three queries.
    """
    given = answers_on([activity.before.id for activity in activities])
    originals = [answer.id for answers in given.values() for answer in answers]
    among = {"candidacy": portfolio.candidacy, "reused.of": {"$in": originals}}
    here = {answer.reused.of: answer for answer in Attestation.objects(__raw__=among)}
    standing = {piece.id for piece in stand}
    schools = by_id(School, (answer.school for answers in given.values() for answer in answers))
    changes: list[AnyChange] = []
    events: list[Event] = []
    for activity in activities:
        for answer in given.get(activity.before.id, ()):
            pieces = covered(answer, activity.pieces)
            if not pieces:
                continue
            row = here.get(answer.id)
            if row is None:
                row = answer_anew(answer, activity, pieces, portfolio, at)
                row.given_in = answer.given_in or _elsewhere(schools[answer.school], portfolio)
                changes.append(Insert(row))
            else:
                stands = [piece for piece in row.pieces if piece.evidence in standing]
                anew = answer_anew(answer, activity, [*stands, *pieces], portfolio, at)
                row.pieces, row.activity, row.activity_digest = anew.pieces, anew.activity, anew.activity_digest
                bound = {name: row[name] for name in ("pieces", "activity", "activity_digest")}
                changes.append(Change(row, bound))
            data = sealed_anew(row)
            events.append(event_by(by, at, portfolio_chain(portfolio), EventName.SIGN_OFF_REUSED, row, data))
    return changes, events


def _elsewhere(school: School, portfolio: Portfolio) -> str | None:
    """Returns « name, city » of the school where an answer was given; None if it is the candidate's."""
    return f"{school.name}, {school.city}" if school.id != portfolio.school else None
