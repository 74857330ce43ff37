"""The states of a commission, its grids, its sheets and the jury's result; with no engine and no code
of the domain. Each act answers the code of its refusal, or None and the new state.
"""

from __future__ import annotations

from tests.states.assessment_things import FIRST, CommissionModel, GridModel, SheetModel


class AssessmentModel:
    """One candidate, whose portfolio is submitted; one sheet and one commission stand at most."""

    def __init__(self) -> None:
        self.portfolio = "submitted"
        self.submissions = 1
        self.commission: CommissionModel | None = None
        self.sheets: list[SheetModel] = []
        self.result: str | None = None  # the final mark
        self.published = False

    @property
    def sheet(self) -> SheetModel | None:
        return next((sheet for sheet in self.sheets if sheet.state != "voided"), None)

    @property
    def at(self) -> CommissionModel:
        assert self.commission is not None
        return self.commission

    # --- the office -------------------------------------------------------------------------------

    def convene(self, second: str, mode: str) -> str | None:
        if self.commission is not None and self.commission.state == "convened":
            return "commission_exists"
        own = {member: GridModel() for member in (FIRST, second)} if mode == "sealed" else {}
        self.commission = CommissionModel(second, own)
        return None

    def move(self) -> str | None:
        if self.at.state != "convened":
            return "commission_cancelled"
        return "sheet_is_out" if self.sheet else None

    def moved(self) -> str | None:
        refused = self.move()
        if refused is None:
            self.at.met = False
        return refused

    def cancel(self) -> str | None:
        refused = self.move()
        if refused is None:
            self.at.state = "cancelled"
        return refused

    def replace(self, arriving: str) -> str | None:
        """What was written with the member who leaves is set aside; the other's own grid stays, and closes."""
        refused = self.move()
        if refused or arriving == self.at.second:
            return refused or "member_twice"
        if self.at.own:
            del self.at.own[self.at.second]
            self.at.own[arriving] = GridModel()
        self.at.second, self.at.shared = arriving, GridModel()
        self.at.appreciation, self.at.mark, self.at.outcome, self.at.met = False, None, None, False
        return None

    def transmit(self) -> str | None:
        sheet = self.sheets[-1]
        if sheet.state == "draft":
            return "not_found"
        if sheet.state != "proposed":
            return "sheet_voided" if sheet.state == "voided" else "not_proposed"
        sheet.state = "transmitted"
        return None

    # --- the members ------------------------------------------------------------------------------

    def _at_work(self) -> str | None:
        if self.at.state != "convened":
            return "not_found"
        return "sheet_is_out" if self.sheet else None

    def _on_grid(self, grid: GridModel) -> str | None:
        if self._at_work():
            return self._at_work()
        if self.at.outcome:
            return "outcome_chosen"
        if grid.sealed:
            return "grid_sealed"
        return "grids_not_open" if grid is self.at.shared and not self.at.opened else None

    def fill(self, grid: GridModel, degrees: dict[str, str]) -> str | None:
        refused = self._on_grid(grid)
        if refused is None:
            grid.degrees |= degrees
            self._settle()
        return refused

    def seal(self, grid: GridModel) -> str | None:
        if self.at.state != "convened":
            return "not_found"
        if grid is self.at.shared:
            return "shared_grid_is_not_sealed"
        refused = self._on_grid(grid)
        if refused is None and not grid.complete:
            return "grid_incomplete"
        if refused is None:
            grid.sealed = True
            self._settle()
            if self.at.opened:
                one, other = (own.degrees for own in self.at.own.values())
                self.at.shared.degrees = {row: code for row, code in one.items() if other[row] == code}
        return refused

    def _settle(self) -> None:
        """The first act says which revision is appraised."""
        self.at.submission = self.at.submission or self.submissions

    def admit(self, admitted: bool) -> str | None:
        refused = self._at_work()
        if refused is None:
            self.at.admitted = admitted
            self._settle()
        return refused

    def retain(self) -> str | None:
        """An element that is neither a production nor a check."""
        refused = self._at_work() or (None if self.at.admitted else "not_admitted")
        if refused is None:
            self._settle()
        return refused

    def take_over(self) -> str | None:
        """The latest revision: sealed grids go back to their authors."""
        refused = self._at_work()
        if refused is None and self.at.submission != self.submissions:
            self.at.submission = self.submissions
            for grid in self.at.own.values():
                grid.sealed = False
            if self.at.own:
                self.at.shared = GridModel()
        return refused

    def appraise(self, appreciation: bool, mark: str | None, outcome: str | None) -> str | None:
        refused = self._at_work()
        if refused is None and ((outcome and mark) or (mark and float(mark) < 10 and not appreciation)):
            return "invalid_values"
        if refused is None:
            self.at.appreciation, self.at.mark, self.at.outcome = appreciation, mark, outcome
            self._settle()
        return refused

    def meet(self) -> str | None:
        refused = self._at_work()
        if refused is None:
            self.at.met = True
        return refused

    def draw_up(self) -> str | None:
        refused, at = self._at_work(), self.at
        if refused:
            return refused
        if not at.outcome and not (at.met and at.opened and at.shared.complete and at.appreciation and at.mark):
            return "assessment_incomplete"
        self.sheets.append(SheetModel(at, at.members, at.mark, at.outcome))
        return None

    def _sits(self, sheet: SheetModel, person: str) -> bool:
        return sheet.commission.state == "convened" and person in sheet.commission.members

    def sign(self, person: str, as_shown: bool) -> str | None:
        sheet = self.sheets[-1]
        if not self._sits(sheet, person):
            return "not_found"
        if sheet.state == "voided":
            return "sheet_voided"
        if person in sheet.signed:
            return "already_signed"
        if sheet.state != "draft":
            return "not_a_draft"
        if not as_shown:
            return "other_content"
        sheet.signed.append(person)
        sheet.state = "proposed" if len(sheet.signed) == 2 else "draft"
        return None

    def void(self, person: str) -> str | None:
        """Members until it is transmitted, the office until the jury decides, the jury until publication."""
        sheet = self.sheets[-1]
        reads = {
            "office": ("proposed", "transmitted", "final", "voided"),
            "jury": ("transmitted", "final"),
        }.get(person, ("draft", "proposed", "transmitted", "final", "voided") if self._sits(sheet, person) else ())
        acts = {"office": ("proposed", "transmitted", "voided"), "jury": reads}.get(
            person, ("draft", "proposed", "voided")
        )
        if sheet.state not in reads:
            return "not_found"
        if sheet.state not in acts:
            return "forbidden"
        if sheet.state == "voided":
            return "sheet_voided"
        if self.published:
            return "result_published"
        sheet.state = "voided"
        return None

    # --- the jury ---------------------------------------------------------------------------------

    def _before_jury(self) -> str | None:
        return None if self.sheets[-1].state in ("transmitted", "final") else "not_found"

    def decide(self, mark: str, reason: bool) -> str | None:
        refused, sheet = self._before_jury(), self.sheets[-1]
        if refused is None and self.published:
            return "result_published"
        if refused is None and not reason and (sheet.outcome or mark != sheet.mark):
            return "invalid_values"
        if refused is None:
            self.result, sheet.state = mark, "final"
        return refused

    def publish(self, leaving_out: bool) -> str | None:
        decided = self.sheet is not None and self.sheet.state == "final"
        if not decided and not leaving_out:
            return "sheets_waiting"
        if not decided or self.published:
            return "nothing_to_publish"
        self.published = True
        return None

    def release(self) -> str | None:
        refused, sheet = self._before_jury(), self.sheets[-1]
        if refused is None and not self.published:
            return "result_not_published"
        if refused is None and sheet.released:
            return "sheet_already_released"
        if refused is None:
            sheet.released = True
        return refused

    def correct(self, mark: str) -> str | None:
        refused = self._before_jury()
        if refused is None and not self.published:
            return "result_not_published"
        if refused is None and mark == self.result:
            return "invalid_values"
        if refused is None:
            self.result = mark
        return refused

    # --- the candidate ----------------------------------------------------------------------------

    def reopen(self) -> str | None:
        if self.portfolio != "submitted":
            return "not_submitted"
        self.portfolio = "open"
        return None

    def submit(self) -> str | None:
        if self.portfolio != "open":
            return "already_submitted"
        self.portfolio, self.submissions = "submitted", self.submissions + 1
        return None
