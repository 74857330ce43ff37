"""Lifecycles of the documents that have states, and the act of each transition: data, in `docs/reference/states.md`.

Acts are named « room.module.function ». There is no rule here: each act has its own conditions and refusals. An act
that leaves the state unchanged has no line; neither has a removal (an undone import, an elimination).

Tests check these tables in two ways:
- From the source (`tests/boards/test_lifecycles.py`): every kind with a field `state` is listed, with all the states
  that the field allows; each act exists and writes its listed states; no function of `portfolio/` writes a state that
  none of its acts lists. The source does not give the kind of a written state: two kinds that share a word (« draft »)
  are distinguished by their acts only. Grids are not checked this way.
- By watching the acts that the tests of ten folders run (`tests/support/house/lifecycle_watch.py`): the state before,
  the state after, the act. Only this checks the state from which an act departs. A departure that no test runs is not
  checked.
"""

from __future__ import annotations

from portfolio.boards.lifecycle import Lifecycle, grid_state
from portfolio.documents import (
    AccountChange,
    Assessment,
    Attestation,
    Commission,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    Grid,
    ListImport,
    MadeCircular,
    Person,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    Reserve,
    RosterImport,
    Sheet,
    Transfer,
)
from portfolio.documents.account_changes import ChangeState
from portfolio.documents.attestations import ANSWERS, RealityState, SignOffState
from portfolio.documents.candidacies import ProposedState, RosterState, TransferState
from portfolio.documents.commissions import AssessmentState, CommissionState, ReserveState, SheetState
from portfolio.documents.eliminations import SlipState
from portfolio.documents.made_circulars import MadeCircularState
from portfolio.documents.people import PersonState
from portfolio.documents.places import ListImportState
from portfolio.documents.portfolios import FileState, PieceState, PortfolioState

_RECORD, _PAPER = "sign_offs.answering.answers.answer_many", "sign_offs.answering.paper.relay"
_REPLACEMENT = tuple(f"enrolment.moves.replacements.{act}" for act in ("replace_teacher", "end_replacement", "due"))
_PROPOSED, _ARRIVAL = "enrolment.proposed_placements", "enrolment.moves.arrivals.accept"
_LISTS = ("enrolment.period_lists.period_list.add_periods", "enrolment.year_lists.year.add_year")
_UNDO = "enrolment.undoing.list_undo.undo"
_SORTING = "evidence.many_at_once.sorting"
_REUSE = "sign_offs.reuse.taking.reuse"
_UPLOADS, _ENDING, _DEPOSIT = "evidence.uploads", "evidence.upload_ending", "evidence.deposit"
_LIFTING = "evidence.quarantine.lift.lift"


LIFECYCLES = (
    Lifecycle(
        MadeCircular,
        "Circular made on screen",
        {"enrolment.circulars.made.begin": (MadeCircularState.DRAFT,)},
        {
            MadeCircularState.DRAFT: {
                "enrolment.circulars.made.publish": (MadeCircularState.PUBLISHED,),
                "enrolment.circulars.made.abandon": (MadeCircularState.ABANDONED,),
            }
        },
    ),
    Lifecycle(
        Portfolio,
        "Portfolio",
        {
            "enrolment.enrol.enrol": (PortfolioState.OPEN,),
            "enrolment.rosters.roster_import.confirm": (PortfolioState.OPEN,),
            "enrolment.exam_form.change_form": (PortfolioState.OPEN,),
            _ARRIVAL: (PortfolioState.OPEN,),
        },
        {
            PortfolioState.OPEN: {
                "submission.submit.submit": (PortfolioState.SUBMITTED,),
                "submission.submit.submit_late": (PortfolioState.SUBMITTED,),
                "archive.eliminate.eliminate_one": (PortfolioState.ELIMINATED,),
            },
            PortfolioState.SUBMITTED: {
                "submission.submit.reopen": (PortfolioState.OPEN,),
                "archive.eliminate.eliminate_one": (PortfolioState.ELIMINATED,),
            },
        },
    ),
    Lifecycle(
        ProposedPlacement,
        "Proposed period in a company",
        {f"{_PROPOSED}.propose": (ProposedState.PROPOSED,)},
        {
            ProposedState.PROPOSED: {
                f"{_PROPOSED}.accept": (ProposedState.ACCEPTED,),
                f"{_PROPOSED}.refuse": (ProposedState.REFUSED,),
                f"{_PROPOSED}.withdraw": (ProposedState.WITHDRAWN,),
            }
        },
    ),
    Lifecycle(
        Transfer,
        "Transfer to another school",
        {"enrolment.moves.transfers.propose": (TransferState.PROPOSED,)},
        {
            TransferState.PROPOSED: {
                _ARRIVAL: (TransferState.ACCEPTED,),
                "enrolment.moves.transfers.decline": (TransferState.DECLINED,),
                "enrolment.moves.transfers.withdraw": (TransferState.WITHDRAWN,),
            }
        },
    ),
    Lifecycle(
        Evidence,
        "Piece of evidence",
        {
            f"{_DEPOSIT}.add_piece": (PieceState.DRAFT, PieceState.READY),
            "evidence.class_results.record_check": (PieceState.READY,),
            "evidence.many_at_once.unpacking.unpack": (PieceState.DRAFT,),
            _REUSE: (PieceState.DRAFT, PieceState.READY),
        },
        {
            PieceState.DRAFT: {
                f"{_DEPOSIT}.amend_piece": (PieceState.READY,),
                f"{_SORTING}.sort": (PieceState.READY,),
                f"{_ENDING}.finish": (PieceState.READY,),
                _LIFTING: (PieceState.READY,),
                f"{_ENDING}.remove": (PieceState.READY,),
                f"{_DEPOSIT}.withdraw_piece": (PieceState.WITHDRAWN,),
            },
            PieceState.READY: {
                f"{_DEPOSIT}.amend_piece": (PieceState.DRAFT,),
                f"{_SORTING}.sort": (PieceState.DRAFT,),
                f"{_UPLOADS}.begin": (PieceState.DRAFT,),
                f"{_ENDING}.remove": (PieceState.DRAFT,),
                f"{_DEPOSIT}.withdraw_piece": (PieceState.WITHDRAWN,),
            },
        },
    ),
    Lifecycle(
        EvidenceFile,
        "File of a piece",
        {f"{_UPLOADS}.begin": (FileState.PENDING,), _REUSE: (FileState.VERIFIED,)},
        {
            FileState.PENDING: {
                f"{_ENDING}.finish": (FileState.VERIFIED, FileState.QUARANTINED),
                f"{_ENDING}.end_overfull": (FileState.QUARANTINED,),
            },
            FileState.QUARANTINED: {_LIFTING: (FileState.VERIFIED, FileState.QUARANTINED)},
        },
    ),
    Lifecycle(
        Attestation,
        "Sign-off",
        {
            "sign_offs.asking.requests.request": (SignOffState.REQUESTED,),
            "sign_offs.asking.requests.request_many": (SignOffState.REQUESTED,),
            _RECORD: ANSWERS,
            _PAPER: ANSWERS,
            "sign_offs.answering.waivers.waive_tutor": (SignOffState.WAIVED,),
            _REUSE: ANSWERS,
            "enrolment.placements.replace_tutor": (SignOffState.REQUESTED,),
            "enrolment.placements.end_tutoring": (SignOffState.REQUESTED,),
            "evidence.deposit.amend_activity": (SignOffState.REQUESTED,),
            "enrolment.moves.departures.revoke_grant": (SignOffState.REQUESTED,),
            "enrolment.moves.suspensions.reinstate": (SignOffState.REQUESTED,),
            _ARRIVAL: (SignOffState.REQUESTED,),
            **dict.fromkeys(_REPLACEMENT, (SignOffState.REQUESTED,)),
        },
        {
            SignOffState.REQUESTED: {
                _RECORD: ANSWERS,
                _PAPER: ANSWERS,
                "sign_offs.asking.objections.contest": (SignOffState.DECLINED,),
                "enrolment.placements.replace_tutor": (SignOffState.LAPSED,),
                "enrolment.placements.end_tutoring": (SignOffState.LAPSED,),
                "enrolment.placements.cancel_placement": (SignOffState.LAPSED,),
                "evidence.deposit.amend_activity": (SignOffState.LAPSED,),
                "evidence.deposit.withdraw_activity": (SignOffState.LAPSED,),
                "enrolment.moves.departures.revoke_grant": (SignOffState.LAPSED,),
                "enrolment.moves.suspensions.suspend": (SignOffState.LAPSED,),
                _ARRIVAL: (SignOffState.LAPSED,),
                **dict.fromkeys(_REPLACEMENT, (SignOffState.LAPSED,)),
            }
        },
    ),
    Lifecycle(
        RealityEvaluation,
        "Evaluation of the reality of activities",
        {
            "sign_offs.reality.write": (RealityState.PROPOSED,),
            "sign_offs.reality.write_for_class": (RealityState.TEACHER_ALONE,),
        },
        {
            RealityState.PROPOSED: {
                "sign_offs.reality.concur": (RealityState.JOINT,),
                "sign_offs.reality.conclude_alone": (RealityState.TEACHER_ALONE,),
            },
            RealityState.JOINT: {"sign_offs.reality.rewrite": (RealityState.PROPOSED,)},
            RealityState.TEACHER_ALONE: {
                "sign_offs.reality.rewrite": (RealityState.PROPOSED,),
                "sign_offs.reality.concur": (RealityState.JOINT,),
            },
        },
    ),
    Lifecycle(
        Commission,
        "Commission",
        {"commission.convene.convene_many": (CommissionState.CONVENED,)},
        {CommissionState.CONVENED: {"commission.amend.cancel": (CommissionState.CANCELLED,)}},
    ),
    Lifecycle(
        Grid,
        "Grid of a member, and the shared one",
        {
            "commission.convene.convene_many": ("open",),
            "commission.amend.replace_member": ("open",),
            "commission.way_of_scoring.choose_way": ("open",),
            "commission.circular_moves.move_to_newest": ("open", "sealed", "opened"),
        },
        {
            "open": {
                "commission.grids.seal": ("sealed", "opened"),
                "commission.amend.replace_member": ("set_aside",),
                "commission.way_of_scoring.choose_way": ("set_aside",),
                "commission.circular_moves.move_to_newest": ("set_aside",),
            },
            "sealed": {
                "commission.grids.seal": ("opened",),
                "commission.assess.choose_submission": ("open",),
                "commission.amend.replace_member": ("set_aside",),
                "commission.way_of_scoring.choose_way": ("set_aside",),
                "commission.circular_moves.move_to_newest": ("set_aside",),
            },
            "opened": {
                "commission.assess.choose_submission": ("open",),
                "commission.amend.replace_member": ("sealed", "set_aside"),
                "commission.way_of_scoring.choose_way": ("set_aside",),
                "commission.circular_moves.move_to_newest": ("set_aside",),
            },
        },
        grid_state,
    ),
    Lifecycle(
        Assessment,
        "Assessment by a commission",
        {"commission.convene.convene_many": (AssessmentState.OPEN,)},
        {
            AssessmentState.OPEN: {"sheet.draw_up.draw_up": (AssessmentState.DRAWN_UP,)},
            AssessmentState.DRAWN_UP: {"sheet.draw_up.void": (AssessmentState.OPEN,)},
        },
    ),
    Lifecycle(
        Sheet,
        "Sheet",
        {"sheet.draw_up.draw_up": (SheetState.DRAFT,)},
        {
            SheetState.DRAFT: {
                "sheet.draw_up.sign": (SheetState.PROPOSED,),
                "sheet.draw_up.void": (SheetState.VOIDED,),
            },
            SheetState.PROPOSED: {
                "sheet.transmit.transmit": (SheetState.TRANSMITTED,),
                "sheet.draw_up.void": (SheetState.VOIDED,),
            },
            SheetState.TRANSMITTED: {
                "jury.jury.set_final_mark": (SheetState.FINAL,),
                "jury.jury.confirm_proposals": (SheetState.FINAL,),
                "sheet.draw_up.void": (SheetState.VOIDED,),
            },
            SheetState.FINAL: {"sheet.draw_up.void": (SheetState.VOIDED,)},
        },
    ),
    Lifecycle(
        Reserve,
        "Reserve on a result",
        {"jury.reserves.place": (ReserveState.STANDING,)},
        {ReserveState.STANDING: {"jury.reserves.lift": (ReserveState.LIFTED,)}},
    ),
    Lifecycle(
        EliminationSlip,
        "Elimination slip",
        {"archive.slips.draw_up": (SlipState.DRAWN_UP,)},
        {
            SlipState.DRAWN_UP: {
                "archive.slips.record_visa": (SlipState.APPROVED,),
                "archive.slips.record_refusal": (SlipState.REFUSED,),
                "archive.slips.abandon": (SlipState.ABANDONED,),
            },
            SlipState.APPROVED: {
                "archive.eliminate.eliminate": (SlipState.UNDER_WAY,),
                "archive.slips.abandon": (SlipState.ABANDONED,),
            },
            SlipState.UNDER_WAY: {"archive.eliminate.eliminate_one": (SlipState.DONE,)},
        },
    ),
    Lifecycle(
        Person,
        "Account",
        {
            "identity.accounts.create_first_administrator": (PersonState.ACTIVE,),
            "identity.accounts.invite_staff": (PersonState.INVITED,),
            "identity.accounts.invite_to_school": (PersonState.INVITED,),
            "enrolment.enrol.enrol": (PersonState.INVITED,),
            "enrolment.rosters.roster_import.confirm": (PersonState.INVITED,),
            "enrolment.placements.add_placement": (PersonState.INVITED,),
            f"{_PROPOSED}.accept": (PersonState.INVITED,),
            "enrolment.placements.replace_tutor": (PersonState.INVITED,),
        },
        {
            PersonState.INVITED: {
                "identity.invitations.accept_invitation": (PersonState.ACTIVE,),
                "enrolment.moves.suspensions.suspend": (PersonState.SUSPENDED,),
            },
            PersonState.ACTIVE: {"enrolment.moves.suspensions.suspend": (PersonState.SUSPENDED,)},
            PersonState.SUSPENDED: {"enrolment.moves.suspensions.reinstate": (PersonState.ACTIVE, PersonState.INVITED)},
        },
    ),
    Lifecycle(
        RosterImport,
        "Import of a class list",
        {"enrolment.rosters.roster_import.preview": (RosterState.PREVIEWED,)},
        {
            RosterState.PREVIEWED: {"enrolment.rosters.roster_import.confirm": (RosterState.CONFIRMED,)},
            RosterState.CONFIRMED: dict.fromkeys(("enrolment.rosters.roster_undo.undo", _UNDO), (RosterState.UNDONE,)),
        },
    ),
    Lifecycle(
        ListImport,
        "What lists of a school wrote",
        dict.fromkeys(_LISTS, (ListImportState.WRITTEN,)),
        {ListImportState.WRITTEN: {_UNDO: (ListImportState.UNDONE,)}},
    ),
    Lifecycle(
        AccountChange,
        "Change of the rights or of the way in of somebody who opens marks",
        {
            "identity.accounts.create_first_administrator": (ChangeState.WAITING,),
            "identity.accounts.invite_staff": (ChangeState.WAITING,),
            "identity.accounts.invite_to_school": (ChangeState.WAITING,),
            "identity.accounts.invite_again": (ChangeState.WAITING,),
            "enrolment.email_corrections.correct": (ChangeState.WAITING, ChangeState.DONE),
            "enrolment.email_corrections.correct_tutor": (ChangeState.WAITING, ChangeState.DONE),
            "enrolment.moves.departures.revoke_grant": (ChangeState.DONE,),
            "enrolment.moves.suspensions.suspend": (ChangeState.DONE,),
            "enrolment.moves.suspensions.reinstate": (ChangeState.DONE,),
            "jury.deputies.seat_deputy": (ChangeState.DONE,),
            "jury.deputies.end_seating": (ChangeState.DONE,),
        },
        {
            ChangeState.WAITING: {
                "enrolment.account_changes.confirm": (ChangeState.DONE,),
                "enrolment.account_changes.refuse": (ChangeState.REFUSED,),
                "enrolment.account_changes.due": (ChangeState.DONE, ChangeState.REFUSED),
                "enrolment.moves.departures.revoke_grant": (ChangeState.REFUSED,),
                "enrolment.moves.suspensions.suspend": (ChangeState.REFUSED,),
            }
        },
    ),
)
