"""What a candidate enrolled again may take of their earlier sessions: pieces by activity, with the answers on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Evidence, EvidenceFile, Portfolio, School
from portfolio.documents.attestations import ANSWERS
from portfolio.documents.fields import by_id
from portfolio.documents.portfolios import FileState, PortfolioState
from portfolio.identifiers import exam_year, is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.store.digests import files_of


@dataclass(frozen=True)
class EarlierPiece:
    """A piece of an earlier session. files: its verified ones. here: the piece of this portfolio that it became, None
    while it was not taken.
    """

    piece: Evidence
    files: tuple[EvidenceFile, ...]
    here: Evidence | None


@dataclass(frozen=True)
class EarlierActivity:
    """An activity of an earlier session with its pieces; None for pieces of no activity. answers: those given on it."""

    activity: Activity | None
    pieces: tuple[EarlierPiece, ...]
    answers: tuple[Attestation, ...]


@dataclass(frozen=True)
class EarlierSession:
    """A candidacy of an earlier session of the same exam. school: « name, city », where it was prepared."""

    portfolio: Portfolio
    school: str
    activities: tuple[EarlierActivity, ...]

    @property
    def session(self) -> str:
        return str(self.portfolio.session)

    @property
    def left(self) -> int:
        """Returns how many pieces were not taken yet."""
        return sum(piece.here is None for activity in self.activities for piece in activity.pieces)


def earlier_sessions(by: Actor, portfolio: Portfolio) -> list[EarlierSession]:
    """Returns the earlier sessions of its candidate that have pieces, the latest first, in a constant number of
    queries; an eliminated portfolio has none. Raises NotFound, Forbidden: the candidate alone takes them.
    """
    require(by, Action.DEPOSIT, portfolio)
    sources = earlier_portfolios(by, portfolio)
    ids = [source.id for source in sources]
    pieces = list(Evidence.objects(candidacy__in=ids, withdrawn_at=None).order_by("id"))
    files, here = files_of(pieces), taken_of(portfolio)
    activities = list(Activity.objects(candidacy__in=ids, withdrawn_at=None).order_by("id"))
    answers = answers_on([activity.id for activity in activities])
    schools = by_id(School, (source.school for source in sources))
    inside: dict[tuple[ObjectId, ObjectId | None], list[EarlierPiece]] = defaultdict(list)
    for piece in pieces:
        verified = tuple(verified_of(files[piece.id]))
        inside[piece.candidacy, piece.activity].append(EarlierPiece(piece, verified, here.get(piece.id)))
    sessions = []
    for source in sources:
        of_it: list[Activity | None] = [activity for activity in activities if activity.candidacy == source.id]
        grouped = [
            EarlierActivity(activity, tuple(inside[source.id, key]), tuple(answers.get(key, ())) if key else ())
            for activity in [*of_it, None]
            if inside.get((source.id, key := activity.id if activity else None))
        ]
        school = schools[source.school]
        if grouped:
            sessions.append(EarlierSession(source, f"{school.name}, {school.city}", tuple(grouped)))
    return sessions


def earlier_portfolios(by: Actor, portfolio: Portfolio) -> list[Portfolio]:
    """Returns the portfolios of the same person for earlier sessions of the same exam that `by` may read and that are
    kept, the latest session first. Three queries.
    """
    person = Candidacy.objects.only("person").get(pk=portfolio.candidacy).person
    others = Candidacy.objects(person=person, exam=portfolio.exam, id__ne=portfolio.candidacy).scalar("id")
    readable = scope(by, Action.READ_PORTFOLIO, Portfolio)
    kept = {"_id": {"$in": list(others)}, "state": {"$ne": PortfolioState.ELIMINATED}}
    stored = Portfolio.objects(__raw__={"$and": [readable, kept]})
    earlier = [source for source in stored if _before(source, portfolio)]
    return sorted(earlier, key=lambda source: str(source.session), reverse=True)


def _before(source: Portfolio, portfolio: Portfolio) -> bool:
    """Returns True if the year of its session is an earlier one, of rehearsals both or of exams both."""
    alike = is_rehearsal(source.session) == is_rehearsal(portfolio.session)
    return alike and exam_year(source.session) < exam_year(portfolio.session)


def taken_of(portfolio: Portfolio) -> dict[ObjectId, Evidence]:
    """Returns {id of a piece of an earlier session: the piece of this portfolio that it became}, withdrawn ones left
    out.
    """
    taken = Evidence.objects(candidacy=portfolio.candidacy, reused__ne=None, withdrawn_at=None)
    return {piece.reused.of: piece for piece in taken}


def answers_on(activities: Sequence[ObjectId]) -> dict[ObjectId, list[Attestation]]:
    """Returns {activity id: the answers given on it, the first to come first}: a request that waits is none, and a
    waiver is a decision of the team of that year.
    """
    grouped: dict[ObjectId, list[Attestation]] = defaultdict(list)
    for answer in Attestation.objects(activity__in=list(activities), state__in=ANSWERS).order_by("answered_at", "id"):
        grouped[answer.activity].append(answer)
    return dict(grouped)


def verified_of(files: Sequence[EvidenceFile]) -> list[EvidenceFile]:
    """Returns those of these files whose bytes were verified and are kept."""
    return [file for file in files if file.state == FileState.VERIFIED and file.discarded_at is None]
