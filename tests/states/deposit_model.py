"""The states of a portfolio, its pieces, their files and their sign-offs; with no engine and no code
of the domain. Each act answers the code of its refusal, or None and the new state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

SEATS = ("tutor", "teacher")
DECIDED = ("confirmed", "partly", "refused")
ACCEPTING = ("confirmed", "partly", "waived")


@dataclass
class ActivityModel:
    context: str
    text: int = 0
    withdrawn: bool = False


@dataclass
class FileModel:
    piece: str
    sound: bool
    sent: bool = False
    state: str = "pending"
    removed: bool = False
    expired: bool = False


@dataclass
class PieceModel:
    """text: moves with every edit of what a signatory is shown. claims: it names a competence."""

    activity: str
    claims: bool
    needs_file: bool
    text: int = 0
    withdrawn: bool = False
    revision: int = 1
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """about: the text of the activity, and of each piece, that were shown."""

    seat: str
    person: str
    said: str
    about: tuple[int, dict[str, object]]


class DepositModel:
    def __init__(self) -> None:
        self.state = "open"
        self.number = 0
        self.late = False
        self.activities: dict[str, ActivityModel] = {}
        self.pieces: dict[str, PieceModel] = {}
        self.files: dict[str, FileModel] = {}
        self.answers: dict[str, list[Answer]] = {}
        self.asked: set[tuple[str, str]] = set()
        self.frozen: dict[int, set[str]] = {}

    # --- activities and pieces --------------------------------------------------------------------

    def add_activity(self) -> str | None:
        return None if self.state == "open" else "portfolio_submitted"

    def amend_activity(self, activity: str) -> str | None:
        if self.state != "open":
            return "portfolio_submitted"
        if self.activities[activity].withdrawn:
            return "withdrawn"
        self.activities[activity].text += 1
        return None

    def withdraw_activity(self, activity: str) -> str | None:
        if self.state != "open":
            return "portfolio_submitted"
        if self.activities[activity].withdrawn:
            return "withdrawn"
        if any(piece.activity == activity and not piece.withdrawn for piece in self.pieces.values()):
            return "activity_in_use"
        self.activities[activity].withdrawn = True
        return None

    def add_piece(self, activity: str) -> str | None:
        if self.state != "open":
            return "portfolio_submitted"
        return "invalid_values" if self.activities[activity].withdrawn else None

    def amend_piece(self, piece: str, seen: int, claims: bool | None = None) -> str | None:
        """seen: the revision that its author had before them. claims: None for an edit of the text."""
        of = self.pieces[piece]
        if self.state != "open":
            return "portfolio_submitted"
        if of.withdrawn and seen == of.revision:
            return "withdrawn"
        if seen != of.revision:
            return "stale_revision"
        if claims is None:
            of.text += 1
        else:
            of.claims = claims
        of.revision += 1
        return None

    def withdraw_piece(self, piece: str) -> str | None:
        of = self.pieces[piece]
        if self.state != "open":
            return "portfolio_submitted"
        if of.withdrawn:
            return "withdrawn"
        of.withdrawn = True
        of.revision += 1
        return None

    def piece_state(self, piece: str) -> str:
        of = self.pieces[piece]
        states = [self.files[file].state for file in of.files if not self.files[file].removed]
        if of.withdrawn:
            return "withdrawn"
        whole = of.claims and all(state == "verified" for state in states) and (states or not of.needs_file)
        return "ready" if whole else "draft"

    def readable(self, piece: str) -> bool:
        """Every piece of this model has a text from its first day."""
        return not self.pieces[piece].withdrawn

    # --- files ------------------------------------------------------------------------------------

    def begin(self, piece: str) -> str | None:
        if self.state != "open":
            return "portfolio_submitted"
        return "withdrawn" if self.pieces[piece].withdrawn else None

    def begun(self, piece: str, file: str, sound: bool) -> None:
        with_it = self._counting(piece)
        self.files[file] = FileModel(piece, sound)
        self.pieces[piece].files.append(file)
        with_it()

    def _counting(self, piece: str, *, always: bool = False) -> Callable[[], None]:
        """To be called once a file has moved: its piece has a new revision if its state moved, or `always`."""
        before = self.piece_state(piece)

        def settle() -> None:
            if self.piece_state(piece) != before or (always and before == "ready"):
                self.pieces[piece].revision += 1

        return settle

    def _over(self, file: FileModel) -> bool:
        return file.state != "pending" or file.removed or file.expired

    def send(self, file: str) -> str | None:
        of = self.files[file]
        if self._over(of):
            return "upload_over"
        if self.state != "open":
            return "portfolio_submitted"
        of.sent = True
        return None

    def finish(self, file: str) -> str | None:
        of = self.files[file]
        if of.state != "pending":
            return None
        if self._over(of):
            return "upload_over"
        if self.state != "open":
            return "portfolio_submitted"
        if self.pieces[of.piece].withdrawn:
            return "withdrawn"
        if not of.sent:
            return "parts_missing"
        settle = self._counting(of.piece)
        of.state = "verified" if of.sound else "quarantined"
        settle()
        return None

    def remove(self, file: str) -> str | None:
        of = self.files[file]
        if self.state != "open":
            return "portfolio_submitted"
        if of.removed:
            return "file_removed"
        settle = self._counting(of.piece, always=True)
        of.removed = True
        settle()
        return None

    # --- handing in -------------------------------------------------------------------------------

    def submit(self, without_drafts: bool) -> str | None:
        if self.state != "open":
            return "already_submitted"
        return self._freeze(without_drafts)

    def submit_late(self) -> str | None:
        if self.state != "open":
            return "already_submitted"
        return self._freeze(True)

    def _freeze(self, without_drafts: bool) -> str | None:
        handed_in = {piece for piece in self.pieces if self.readable(piece)}
        self.state, self.number = "submitted", self.number + 1
        self.frozen[self.number] = handed_in
        return None

    def reopen(self) -> str | None:
        if self.state != "submitted":
            return "not_submitted"
        self.state = "open"
        return None

    def deadline_passes(self) -> None:
        self.late = True
        for file in self.files.values():
            file.expired = True

    # --- sign-offs --------------------------------------------------------------------------------

    def shown(self, activity: str, seat: str) -> tuple[int, dict[str, object]]:
        """What there is to sign for: the text of the activity, and of each piece that can be read."""
        pieces: dict[str, object] = {}
        for name, piece in self.pieces.items():
            if piece.activity == activity and self.readable(name) and self._signs(activity, seat):
                live = [file for file in piece.files if self._shows(self.files[file])]
                pieces[name] = (piece.text, tuple(sorted(live)))
        return self.activities[activity].text, pieces

    @staticmethod
    def _shows(file: FileModel) -> bool:
        return file.state == "verified" and not file.removed

    def _signs(self, activity: str, seat: str) -> bool:
        return seat == "teacher" or self.activities[activity].context == "pfmp"

    def ask(self, activity: str, seat: str) -> str | None:
        if self.activities[activity].withdrawn:
            return "withdrawn"
        if not self._signs(activity, seat):
            return "no_tutor_to_ask"
        if (activity, seat) in self.asked:
            return "already_requested"
        self.asked.add((activity, seat))
        return None

    def reads(self, activity: str, seat: str) -> str | None:
        if not self._signs(activity, seat):
            return "not_found"
        return "withdrawn" if self.activities[activity].withdrawn else None

    def answer(self, activity: str, seat: str, said: str, seen: tuple[int, dict[str, object]] | None) -> str | None:
        """seen: what was on the screen; None: read just now."""
        refused = self.reads(activity, seat)
        if refused:
            return refused
        now = self.shown(activity, seat)
        if seen is not None and seen != now:
            return "shown_has_changed"
        self.asked.discard((activity, seat))
        self.answers.setdefault(activity, []).append(Answer(seat, seat, said, now))
        return None

    def waive(self, activity: str) -> str | None:
        if self.activities[activity].withdrawn:
            return "withdrawn"
        if not self._signs(activity, "tutor"):
            return "no_tutor_to_ask"
        counting = self._counting_answer(activity, "tutor", covering=True)
        latest = counting or self._counting_answer(activity, "tutor", covering=False)
        if latest is not None and latest is counting and latest.said != "not_known":
            return "tutor_answered"
        self.answers.setdefault(activity, []).append(Answer("tutor", "teacher", "waived", (0, {})))
        return None

    def status(self, activity: str, seat: str) -> str:
        """Stale as soon as what was signed for is not what is there."""
        inside = [name for name, one in self.pieces.items() if one.activity == activity]
        shown = any(self.readable(name) for name in inside)
        if not self._signs(activity, seat) or (shown and not self.shown(activity, seat)[1]):
            return "not_needed"
        counting = self._counting_answer(activity, seat, covering=True)
        waiting = (activity, seat) in self.asked
        if counting is not None and (counting.said in ACCEPTING or not waiting):
            return counting.said
        if waiting:
            return "requested"
        return "stale" if self._counting_answer(activity, seat, covering=False) else "missing"

    def _counting_answer(self, activity: str, seat: str, *, covering: bool) -> Answer | None:
        said = [one for one in self.answers.get(activity, []) if one.seat == seat]
        decided = [index for index, one in enumerate(said) if one.said in DECIDED]
        kept = [one for i, one in enumerate(said) if one.said != "waived" or not any(i < later for later in decided)]
        if covering:
            kept = [one for one in kept if self._covers(one, activity)]
        latest = {one.person: (one.said != "not_known", index, one) for index, one in enumerate(kept)}
        return max(latest.values(), key=lambda ranked: ranked[:2], default=(False, 0, None))[2]

    def _covers(self, answer: Answer, activity: str) -> bool:
        if answer.said == "waived":
            return True
        text, pieces = self.shown(activity, answer.seat)
        before, shown = answer.about
        return text == before and all(shown.get(name) == piece for name, piece in pieces.items())
