"""Which states what is stored passes through, and which act moves it on: data, drawn in `docs/reference/states.md`.

Acts are named as « room.module.function ». No rule lives here: each act holds its own conditions, and refuses in its
own words. A move that leaves a state as it is has no line; nor has a removal (an undone import, an elimination).

What tests hold, in two ways:
- Read in the source (`tests/boards/test_lifecycles.py`): every kind with a field `state` stands here, with all the
  states that the field allows; each act exists and writes the states that it is said to write; no function of
  `portfolio/` writes a state that none of its acts is said to write. The source does not say of which kind a written
  state is: two kinds that share a word (« draft ») are told apart by their acts alone. Grids are not read.
- Watched while the tests of ten folders play the acts (`tests/support/house/lifecycle_watch.py`): what the store held
  before, what it holds after, by which act. This alone holds from which state an act departs. A departure that no test
  plays is only said here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.documents import (
    AccountChange,
    Assessment,
    Attestation,
    Commission,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    Grid,
    Person,
    Portfolio,
    RealityEvaluation,
    RosterImport,
    Sheet,
)
from portfolio.documents.attestations import ANSWERS

States = tuple[str, ...]
_RECORD, _PAPER = "sign_offs.answering.answers.answer_many", "sign_offs.answering.paper.relay"
_UPLOADS, _DEPOSIT = "evidence.uploads", "evidence.deposit"


def stored_state(row: Mapping[str, Any]) -> str:
    return str(row["state"])


def grid_state(row: Mapping[str, Any]) -> str:
    """A grid has no field of that name: three others say how far it is."""
    if not row["live"]:
        return "set_aside"
    if row["opened"]:
        return "opened"
    return "sealed" if row.get("sealed_at") else "open"


@dataclass(frozen=True)
class Lifecycle:
    """begins: {act: states it may begin in}. moves: {state: {act: states it may lead to}}. state_of: read of a row."""

    kind: Any
    title: str
    begins: dict[str, States]
    moves: dict[str, dict[str, States]]
    state_of: Callable[[Mapping[str, Any]], str] = stored_state

    @property
    def states(self) -> set[str]:
        ends = [*self.begins.values(), *(after for acts in self.moves.values() for after in acts.values())]
        return {*self.moves, *(state for states in ends for state in states)}

    @property
    def acts(self) -> dict[str, set[str]]:
        """{act: every state it writes}"""
        found: dict[str, set[str]] = {act: set(states) for act, states in self.begins.items()}
        for acts in self.moves.values():
            for act, states in acts.items():
                found.setdefault(act, set()).update(states)
        return found


LIFECYCLES = (
    Lifecycle(
        Portfolio,
        "Portfolio",
        {"enrolment.enrol.enrol": ("open",), "enrolment.roster_import.confirm": ("open",)},
        {
            "open": {
                "submission.submit.submit": ("submitted",),
                "submission.submit.submit_late": ("submitted",),
                "archive.eliminate.eliminate_one": ("eliminated",),
            },
            "submitted": {
                "submission.submit.reopen": ("open",),
                "archive.eliminate.eliminate_one": ("eliminated",),
            },
        },
    ),
    Lifecycle(
        Evidence,
        "Piece of evidence",
        {f"{_DEPOSIT}.add_piece": ("draft", "ready"), "evidence.class_results.record_check": ("ready",)},
        {
            "draft": {
                f"{_DEPOSIT}.amend_piece": ("ready",),
                f"{_UPLOADS}.finish": ("ready",),
                f"{_UPLOADS}.remove": ("ready",),
                f"{_DEPOSIT}.withdraw_piece": ("withdrawn",),
            },
            "ready": {
                f"{_DEPOSIT}.amend_piece": ("draft",),
                f"{_UPLOADS}.begin": ("draft",),
                f"{_UPLOADS}.remove": ("draft",),
                f"{_DEPOSIT}.withdraw_piece": ("withdrawn",),
            },
        },
    ),
    Lifecycle(
        EvidenceFile,
        "File of a piece",
        {f"{_UPLOADS}.begin": ("pending",)},
        {"pending": {f"{_UPLOADS}.finish": ("verified", "quarantined"), f"{_UPLOADS}.end_overfull": ("quarantined",)}},
    ),
    Lifecycle(
        Attestation,
        "Sign-off",
        {
            "sign_offs.asking.requests.request": ("requested",),
            "sign_offs.asking.requests.request_many": ("requested",),
            _RECORD: ANSWERS,
            _PAPER: ANSWERS,
            "sign_offs.answering.waivers.waive_tutor": ("waived",),
        },
        {
            "requested": {
                _RECORD: ANSWERS,
                _PAPER: ANSWERS,
                "sign_offs.asking.objections.contest": ("declined",),
            }
        },
    ),
    Lifecycle(
        RealityEvaluation,
        "Evaluation of the reality of activities",
        {"sign_offs.reality.write": ("proposed",)},
        {
            "proposed": {
                "sign_offs.reality.concur": ("joint",),
                "sign_offs.reality.conclude_alone": ("teacher_alone",),
            },
            "joint": {"sign_offs.reality.rewrite": ("proposed",)},
            "teacher_alone": {
                "sign_offs.reality.rewrite": ("proposed",),
                "sign_offs.reality.concur": ("joint",),
            },
        },
    ),
    Lifecycle(
        Commission,
        "Commission",
        {"commission.convene.convene_many": ("convened",)},
        {"convened": {"commission.convene.cancel": ("cancelled",)}},
    ),
    Lifecycle(
        Grid,
        "Grid of a member, and the shared one",
        {"commission.convene.convene_many": ("open",), "commission.convene.replace_member": ("open",)},
        {
            "open": {
                "commission.grids.seal": ("sealed", "opened"),
                "commission.convene.replace_member": ("set_aside",),
            },
            "sealed": {
                "commission.grids.seal": ("opened",),
                "commission.assess.choose_submission": ("open",),
                "commission.convene.replace_member": ("set_aside",),
            },
            "opened": {
                "commission.assess.choose_submission": ("open",),
                "commission.convene.replace_member": ("sealed", "set_aside"),
            },
        },
        grid_state,
    ),
    Lifecycle(
        Assessment,
        "Assessment by a commission",
        {"commission.convene.convene_many": ("open",)},
        {"open": {"sheet.draw_up.draw_up": ("drawn_up",)}, "drawn_up": {"sheet.draw_up.void": ("open",)}},
    ),
    Lifecycle(
        Sheet,
        "Sheet",
        {"sheet.draw_up.draw_up": ("draft",)},
        {
            "draft": {"sheet.draw_up.sign": ("proposed",), "sheet.draw_up.void": ("voided",)},
            "proposed": {"sheet.transmit.transmit": ("transmitted",), "sheet.draw_up.void": ("voided",)},
            "transmitted": {
                "jury.jury.set_final_mark": ("final",),
                "jury.jury.confirm_proposals": ("final",),
                "sheet.draw_up.void": ("voided",),
            },
            "final": {"sheet.draw_up.void": ("voided",)},
        },
    ),
    Lifecycle(
        EliminationSlip,
        "Elimination slip",
        {"archive.slips.draw_up": ("drawn_up",)},
        {
            "drawn_up": {
                "archive.slips.record_visa": ("approved",),
                "archive.slips.record_refusal": ("refused",),
                "archive.slips.abandon": ("abandoned",),
            },
            "approved": {"archive.eliminate.eliminate": ("under_way",), "archive.slips.abandon": ("abandoned",)},
            "under_way": {"archive.eliminate.eliminate_one": ("done",)},
        },
    ),
    Lifecycle(
        Person,
        "Account",
        {
            "identity.accounts.create_first_administrator": ("active",),
            "identity.accounts.invite_staff": ("invited",),
            "identity.accounts.invite_to_school": ("invited",),
            "enrolment.enrol.enrol": ("invited",),
            "enrolment.roster_import.confirm": ("invited",),
            "enrolment.placements.add_placement": ("invited",),
            "enrolment.placements.replace_tutor": ("invited",),
        },
        {
            "invited": {
                "identity.invitations.accept_invitation": ("active",),
                "identity.accounts.suspend": ("suspended",),
            },
            "active": {"identity.accounts.suspend": ("suspended",)},
            "suspended": {"identity.accounts.reinstate": ("active", "invited")},
        },
    ),
    Lifecycle(
        RosterImport,
        "Import of a class list",
        {"enrolment.roster_import.preview": ("previewed",)},
        {
            "previewed": {"enrolment.roster_import.confirm": ("confirmed",)},
            "confirmed": {"enrolment.roster_undo.undo": ("undone",)},
        },
    ),
    Lifecycle(
        AccountChange,
        "Change of the rights or of the way in of somebody who opens marks",
        {
            "identity.accounts.create_first_administrator": ("waiting",),
            "identity.accounts.invite_staff": ("waiting",),
            "identity.accounts.invite_to_school": ("waiting",),
            "identity.accounts.invite_again": ("waiting",),
            "enrolment.email_corrections.correct": ("waiting", "done"),
            "enrolment.email_corrections.correct_tutor": ("waiting", "done"),
            "identity.rights.revoke_grant": ("done",),
            "identity.accounts.suspend": ("done",),
            "identity.accounts.reinstate": ("done",),
        },
        {
            "waiting": {
                "enrolment.account_changes.confirm": ("done",),
                "enrolment.account_changes.refuse": ("refused",),
                "enrolment.account_changes.due": ("done", "refused"),
                "identity.rights.revoke_grant": ("refused",),
                "identity.accounts.suspend": ("refused",),
            }
        },
    ),
)
