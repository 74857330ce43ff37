"""Holds POLICY, the one table of who may do what; `permissions` reads it.

Rights are said here, states in the verbs.
"""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.documents import (
    Academy,
    AccountChange,
    Activity,
    Assessment,
    Attestation,
    Candidacy,
    CertificateFile,
    Check,
    Commission,
    Company,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    Feedback,
    Grid,
    GridScan,
    Jury,
    ListImport,
    MadeCircular,
    OfficeOutcome,
    PaperScan,
    Person,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    Reserve,
    Result,
    RosterImport,
    School,
    Sheet,
    SignIn,
    Submission,
    Transfer,
)
from portfolio.documents.commissions import SheetState
from portfolio.policy.actions import Action
from portfolio.policy.deciding import (
    confirms_in_the_jury,
    decides_as_a_titular,
    decides_before_the_jury,
    decides_in_this_jury,
)
from portfolio.policy.relations import (
    Predicate,
    administers,
    belongs_to_the_academy,
    both,
    fills_it_in_alone,
    follows_the_candidate,
    helps_in_the_academy,
    inspects_the_academy,
    inspects_the_exam,
    is_of_this_jury,
    is_that_person,
    is_the_candidate,
    judges_the_candidate,
    owns_it,
    runs_an_office_here,
    runs_the_arriving_office,
    runs_the_office,
    serves_in_the_academy,
    serves_the_exam,
    sits_on_the_commission,
    sits_on_the_jury,
    sits_on_the_same_jury,
    teaches_in_the_school,
    tutors_the_candidate,
    tutors_the_placement,
    where,
    wrote_it,
)


@dataclass(frozen=True)
class Rule:
    """Opens an action on documents of one kind to callers who satisfy one of the predicates."""

    kind: type
    who: tuple[Predicate, ...]


def _on(kind: type, *who: Predicate) -> Rule:
    return Rule(kind, who)


_PROPOSED = [SheetState.PROPOSED, SheetState.TRANSMITTED, SheetState.FINAL, SheetState.VOIDED]
_BEFORE_TRANSMISSION = [SheetState.DRAFT, SheetState.PROPOSED, SheetState.VOIDED]
_BEFORE_DECISION = [SheetState.PROPOSED, SheetState.TRANSMITTED, SheetState.VOIDED]
_OFFICE_SHEETS = where(runs_the_office, "once proposed", state=_PROPOSED)
_AT_THE_JURY = [SheetState.TRANSMITTED, SheetState.FINAL]
_JURY_SHEETS = where(sits_on_the_jury, "once transmitted", state=_AT_THE_JURY)
_EXAM_SERVICE_SHEETS = where(serves_the_exam, "once transmitted", state=_AT_THE_JURY)
_JURY_DECIDES = where(decides_before_the_jury, "once transmitted", state=_AT_THE_JURY)
_JURY_OUTCOMES_DECIDED = where(decides_before_the_jury, "unless it is withdrawn", live=[True])
_JURY_OUTCOMES = where(sits_on_the_jury, "unless it is withdrawn", live=[True])
_OUTCOMES_BEFORE_JURY = (_JURY_OUTCOMES, where(serves_the_exam, "unless it is withdrawn", live=[True]))
_SECONDS = (administers, sits_on_the_same_jury, runs_an_office_here)
# « par les enseignants » (arrêté, annexe II D, E5, B): a school names here those who teach in its section.
_TEAM = (follows_the_candidate, teaches_in_the_school, judges_the_candidate)
_KEEPERS = (runs_the_office, follows_the_candidate)
_AUTHORS = (both(is_the_candidate, wrote_it), both(tutors_the_candidate, wrote_it))

POLICY: dict[Action, Rule] = {
    Action.CREATE_PLACES: _on(Academy, administers),
    Action.OFFER_EXAMS: _on(School, administers),
    Action.RECORD_HABILITATION: _on(School, administers),
    Action.READ_ACADEMY: _on(Academy, administers, belongs_to_the_academy, helps_in_the_academy),
    Action.READ_SCHOOL: _on(School, administers, runs_the_office, teaches_in_the_school, belongs_to_the_academy),
    Action.READ_JURY: _on(Jury, administers, is_of_this_jury, serves_the_exam, inspects_the_academy),
    Action.READ_PERSON: _on(Person, is_that_person, administers, runs_an_office_here),
    Action.INVITE_STAFF: _on(Academy, administers),
    Action.INVITE_TO_SCHOOL: _on(School, administers, runs_the_office),
    Action.REVOKE_GRANT: _on(Person, administers, runs_an_office_here),
    Action.SUSPEND: _on(Person, administers),
    Action.CORRECT_ADDRESS: _on(Person, administers, runs_an_office_here),
    Action.CORRECT_NAME: _on(Person, administers, runs_an_office_here),
    Action.CORRECT_SCHOOL: _on(School, administers, runs_the_office),
    Action.READ_CIRCULAR: _on(MadeCircular, administers, inspects_the_exam),
    Action.MAKE_CIRCULAR: _on(MadeCircular, administers, inspects_the_exam),
    Action.LOOK_UP_STATES: _on(Academy, helps_in_the_academy),
    Action.READ_LOOK_UPS: _on(Academy, administers),
    Action.READ_SIGN_IN: _on(SignIn, owns_it),
    Action.END_SIGN_IN: _on(SignIn, owns_it),
    Action.READ_ACCOUNT_CHANGE: _on(AccountChange, *_SECONDS, owns_it, serves_in_the_academy),
    Action.CONFIRM_ACCOUNT_CHANGE: _on(AccountChange, administers, confirms_in_the_jury, runs_an_office_here),
    Action.REFUSE_ACCOUNT_CHANGE: _on(AccountChange, *_SECONDS, owns_it),
    Action.ENROL: _on(School, runs_the_office),
    Action.READ_IMPORT: _on(RosterImport, runs_the_office),
    Action.CONFIRM_IMPORT: _on(RosterImport, runs_the_office),
    Action.UNDO_IMPORT: _on(RosterImport, runs_the_office),
    Action.READ_LIST_IMPORT: _on(ListImport, runs_the_office),
    Action.UNDO_LIST_IMPORT: _on(ListImport, runs_the_office),
    Action.READ_CANDIDACY: _on(
        Candidacy,
        is_the_candidate,
        follows_the_candidate,
        teaches_in_the_school,
        tutors_the_candidate,
        judges_the_candidate,
        runs_the_office,
        sits_on_the_jury,
        inspects_the_academy,
    ),
    Action.READ_IDENTITY: _on(Candidacy, is_the_candidate, runs_the_office),
    Action.AMEND_CANDIDACY: _on(Candidacy, runs_the_office),
    Action.ADAPT: _on(Candidacy, runs_the_office),
    Action.READ_ADAPTATIONS: _on(Candidacy, is_the_candidate, *_KEEPERS, judges_the_candidate),
    Action.MOVE_CIRCULAR: _on(Candidacy, runs_the_office),
    Action.REPLACE_TEACHER: _on(School, runs_the_office),
    Action.PROPOSE_TRANSFER: _on(Candidacy, runs_the_office),
    Action.READ_TRANSFER: _on(Transfer, is_the_candidate, runs_the_office, runs_the_arriving_office),
    Action.ANSWER_TRANSFER: _on(Transfer, runs_the_arriving_office),
    Action.WITHDRAW_TRANSFER: _on(Transfer, runs_the_office),
    Action.READ_COMPANY: _on(Company, runs_the_office, teaches_in_the_school),
    Action.ADD_COMPANY: _on(School, runs_the_office, teaches_in_the_school),
    Action.PLACE: _on(Candidacy, runs_the_office, follows_the_candidate),
    Action.READ_PLACEMENT: _on(Placement, is_the_candidate, *_TEAM, tutors_the_placement, runs_the_office),
    Action.AMEND_PLACEMENT: _on(Placement, runs_the_office, follows_the_candidate),
    Action.DEPOSIT_CERTIFICATE: _on(Placement, is_the_candidate, tutors_the_placement, *_KEEPERS),
    Action.READ_CERTIFICATE: _on(CertificateFile, is_the_candidate, *_TEAM, tutors_the_placement, runs_the_office),
    Action.CONTEST_PLACEMENT: _on(Placement, tutors_the_placement),
    Action.PROPOSE_PLACEMENT: _on(Candidacy, is_the_candidate, tutors_the_candidate),
    Action.READ_PROPOSED_PLACEMENT: _on(ProposedPlacement, is_the_candidate, *_AUTHORS, *_KEEPERS),
    Action.WITHDRAW_PROPOSED_PLACEMENT: _on(ProposedPlacement, *_AUTHORS),
    Action.ANSWER_PROPOSED_PLACEMENT: _on(ProposedPlacement, *_KEEPERS),
    #
    Action.READ_PORTFOLIO: _on(Portfolio, is_the_candidate, *_TEAM, runs_the_office),
    Action.READ_ACTIVITY: _on(Activity, is_the_candidate, *_TEAM, tutors_the_placement),
    Action.READ_EVIDENCE: _on(Evidence, is_the_candidate, *_TEAM, tutors_the_placement),
    Action.READ_FILE: _on(EvidenceFile, is_the_candidate, *_TEAM, tutors_the_placement),
    Action.DEPOSIT: _on(Portfolio, is_the_candidate),
    Action.AMEND_ACTIVITY: _on(Activity, is_the_candidate),
    Action.AMEND_EVIDENCE: _on(Evidence, is_the_candidate),
    Action.UPLOAD: _on(EvidenceFile, is_the_candidate),
    Action.LIFT_QUARANTINE: _on(Candidacy, runs_the_office),
    Action.RECORD_CHECK: _on(School, teaches_in_the_school),
    Action.READ_CHECK: _on(Check, teaches_in_the_school),
    Action.READ_COVERAGE: _on(Portfolio, is_the_candidate, *_TEAM),
    Action.READ_CONFORMITY: _on(Portfolio, is_the_candidate, *_TEAM, runs_the_office, inspects_the_academy),
    Action.READ_SUBMISSION: _on(Submission, is_the_candidate, *_TEAM),
    Action.SUBMIT: _on(Portfolio, is_the_candidate),
    Action.SUBMIT_LATE: _on(Portfolio, runs_the_office),
    Action.REOPEN: _on(Portfolio, follows_the_candidate, runs_the_office),
    Action.EXPORT_PORTFOLIO: _on(Portfolio, is_the_candidate, follows_the_candidate, judges_the_candidate),
    Action.READ_HISTORY: _on(Portfolio, is_the_candidate, follows_the_candidate),
    Action.READ_PROOF: _on(Portfolio, runs_the_office),
    Action.GIVE_FEEDBACK: _on(Evidence, follows_the_candidate, teaches_in_the_school),
    Action.READ_FEEDBACK: _on(Feedback, is_the_candidate, follows_the_candidate, both(teaches_in_the_school, wrote_it)),
    Action.ACKNOWLEDGE_FEEDBACK: _on(Feedback, is_the_candidate),
    #
    Action.READ_SIGN_OFFS: _on(Portfolio, is_the_candidate, *_TEAM),
    Action.READ_ATTESTATION: _on(Attestation, is_the_candidate, *_TEAM, tutors_the_placement),
    Action.REQUEST_SIGN_OFF: _on(Activity, is_the_candidate, follows_the_candidate),
    Action.ATTEST_AS_TUTOR: _on(Activity, tutors_the_placement),
    Action.ATTEST_AS_TEACHER: _on(Activity, follows_the_candidate, teaches_in_the_school),
    Action.WAIVE_TUTOR: _on(Activity, follows_the_candidate),
    Action.RELAY_PAPER: _on(Placement, follows_the_candidate),
    Action.READ_SCAN: _on(PaperScan, is_the_candidate, *_TEAM, tutors_the_placement),
    Action.READ_SIGNALS: _on(Attestation, follows_the_candidate),
    Action.READ_REALITY: _on(RealityEvaluation, is_the_candidate, *_TEAM, tutors_the_placement),
    Action.WRITE_REALITY: _on(Placement, follows_the_candidate, teaches_in_the_school),
    Action.WRITE_CLASS_REALITY: _on(Portfolio, follows_the_candidate, teaches_in_the_school),
    Action.CONCUR_REALITY: _on(RealityEvaluation, tutors_the_placement),
    Action.CONVENE: _on(Candidacy, runs_the_office, follows_the_candidate),
    Action.READ_COMMISSION: _on(
        Commission,
        sits_on_the_commission,
        follows_the_candidate,
        runs_the_office,
        sits_on_the_jury,
        inspects_the_academy,
    ),
    Action.CHANGE_COMMISSION: _on(Commission, runs_the_office, follows_the_candidate),
    Action.PRINT_DOSSIER: _on(Commission, sits_on_the_commission, runs_the_office),
    Action.READ_ASSESSMENT: _on(Assessment, sits_on_the_commission),
    Action.APPRAISE: _on(Assessment, sits_on_the_commission),
    Action.READ_GRID_SCAN: _on(GridScan, sits_on_the_commission),
    Action.DRAW_UP: _on(Assessment, sits_on_the_commission),
    Action.READ_GRID: _on(
        Grid,
        both(sits_on_the_commission, fills_it_in_alone),
        where(sits_on_the_commission, "on the grid both fill in", member=[None], live=[True]),
        where(sits_on_the_commission, "once both are sealed", opened=[True], live=[True]),
    ),
    Action.FILL_GRID: _on(
        Grid,
        both(sits_on_the_commission, fills_it_in_alone),
        where(sits_on_the_commission, "on the grid both fill in", member=[None], live=[True]),
    ),
    Action.READ_SHEET: _on(
        Sheet,
        sits_on_the_commission,
        _OFFICE_SHEETS,
        _JURY_SHEETS,
        _EXAM_SERVICE_SHEETS,
        where(is_the_candidate, "once released to them after publication", released=[True]),
    ),
    # In a sheet released to its candidate the proposed mark stays masked (arrêté, annexe II D, E5) until a decision.
    Action.READ_PROPOSAL: _on(
        Sheet,
        sits_on_the_commission,
        _OFFICE_SHEETS,
        _JURY_SHEETS,
        _EXAM_SERVICE_SHEETS,
        where(is_the_candidate, "once a decision unmasks it", released=[True], unmasked=[True]),
    ),
    Action.SIGN_SHEET: _on(Sheet, sits_on_the_commission),
    Action.READ_REMARKS: _on(Sheet, sits_on_the_commission, _OFFICE_SHEETS),
    Action.TRANSMIT: _on(Sheet, _OFFICE_SHEETS),
    Action.TRANSMIT_SCHOOL: _on(School, runs_the_office),
    Action.VOID_SHEET: _on(
        Sheet,
        where(sits_on_the_commission, "before it is transmitted", state=_BEFORE_TRANSMISSION),
        where(runs_the_office, "before the jury decides", state=_BEFORE_DECISION),
        _JURY_DECIDES,
    ),
    Action.RECORD_OUTCOME: _on(Candidacy, runs_the_office),
    Action.READ_OUTCOME: _on(OfficeOutcome, runs_the_office, *_OUTCOMES_BEFORE_JURY),
    # Whether the jury decided, and what. Of an outcome its candidate reads this alone: no reference, proof or reason.
    Action.READ_OUTCOME_DECISION: _on(
        OfficeOutcome,
        *_OUTCOMES_BEFORE_JURY,
        where(is_the_candidate, "once published", published=[True]),
        where(runs_the_office, "once published", published=[True]),
    ),
    Action.WITHDRAW_OUTCOME: _on(OfficeOutcome, runs_the_office),
    Action.DECIDE_OUTCOME: _on(OfficeOutcome, _JURY_OUTCOMES_DECIDED),
    Action.SEND_BACK_OUTCOME: _on(OfficeOutcome, _JURY_OUTCOMES_DECIDED),
    Action.CORRECT_OUTCOME: _on(OfficeOutcome, _JURY_OUTCOMES_DECIDED),
    Action.LIST_MARK: _on(Sheet, _OFFICE_SHEETS, _JURY_SHEETS, _EXAM_SERVICE_SHEETS),
    Action.RECONCILE_MARKS: _on(School, runs_the_office),
    Action.RECONCILE_JURY_MARKS: _on(Jury, serves_the_exam),
    Action.SET_FINAL_MARK: _on(Sheet, _JURY_DECIDES),
    Action.CORRECT_FINAL_MARK: _on(Sheet, _JURY_DECIDES),
    Action.RELEASE_SHEET: _on(Sheet, _JURY_DECIDES, _EXAM_SERVICE_SHEETS),
    Action.UNMASK_PROPOSAL: _on(Sheet, _JURY_DECIDES, _EXAM_SERVICE_SHEETS),
    Action.READ_MEMBERS: _on(Jury, administers, is_of_this_jury),
    Action.SEAT_DEPUTY: _on(Jury, administers, decides_as_a_titular),
    Action.END_SEATING: _on(Jury, administers, is_of_this_jury),
    Action.LIST_SHEETS: _on(Jury, is_of_this_jury, serves_the_exam),
    Action.READ_STATISTICS: _on(Jury, is_of_this_jury),
    Action.CONFIRM_PROPOSALS: _on(Jury, decides_in_this_jury),
    Action.PUBLISH: _on(Jury, decides_in_this_jury),
    Action.READ_DECISION: _on(
        Sheet,
        where(sits_on_the_commission, "once the jury has decided", state=[SheetState.FINAL]),
        _JURY_SHEETS,
        _EXAM_SERVICE_SHEETS,
    ),
    Action.READ_RESULT: _on(
        Result,
        sits_on_the_jury,
        serves_the_exam,
        where(is_the_candidate, "once published", published=[True]),
        where(runs_the_office, "once published", published=[True]),
    ),
    Action.PLACE_RESERVE: _on(Candidacy, runs_the_office, judges_the_candidate, decides_before_the_jury),
    Action.READ_RESERVE: _on(Reserve, runs_the_office, judges_the_candidate, sits_on_the_jury),
    Action.LIFT_RESERVE: _on(Reserve, decides_before_the_jury),
    Action.READ_CALENDAR: _on(Commission, runs_the_office, inspects_the_academy),
    Action.HOLD_PORTFOLIO: _on(Portfolio, runs_the_office),
    Action.DRAW_UP_SLIP: _on(School, runs_the_office),
    Action.READ_SLIP: _on(EliminationSlip, runs_the_office, inspects_the_academy),
    Action.DECIDE_SLIP: _on(EliminationSlip, runs_the_office),
    Action.ELIMINATE: _on(EliminationSlip, runs_the_office),
}
