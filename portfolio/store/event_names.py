"""Names the events of the journal: one name in the past tense per act.

Names are stored in the chains: never change one, nor use it for another act.
"""

from enum import StrEnum


class EventName(StrEnum):
    # Places and accounts
    ACADEMY_CREATED = "academy_created"
    ACCOUNT_CHANGE_REFUSED = "account_change_refused"
    ACCOUNT_REINSTATED = "account_reinstated"
    ACCOUNT_SUSPENDED = "account_suspended"
    ADDRESS_CORRECTED = "address_corrected"
    ADDRESS_CORRECTION_ASKED = "address_correction_asked"
    ADDRESS_DELAYED = "address_delayed"
    ADDRESS_FAILED = "address_failed"
    ADDRESS_TRIED_AGAIN = "address_tried_again"
    ADMINISTRATOR_CREATED = "administrator_created"
    AUTHENTICATOR_LOCKED = "authenticator_locked"
    AUTHENTICATOR_REMOVED = "authenticator_removed"
    AUTHENTICATOR_SET_UP = "authenticator_set_up"
    COMPANY_ADDED = "company_added"
    GRANT_COUNTED = "grant_counted"
    GRANT_REVOKED = "grant_revoked"
    INVITATION_ASKED = "invitation_asked"
    JURY_CREATED = "jury_created"
    PASSWORD_SET = "password_set"  # noqa: S105
    PERSON_INVITED = "person_invited"
    PERSON_INVITED_AGAIN = "person_invited_again"
    PERSON_LOOKED_UP = "person_looked_up"
    SCHOOL_CREATED = "school_created"
    SECOND_FACTOR_GIVEN = "second_factor_given"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    WAY_IN_ASKED = "way_in_asked"

    # Enrolment
    ADAPTATION_NOTIFIED = "adaptation_notified"
    CANDIDACY_AMENDED = "candidacy_amended"
    CANDIDATE_ENROLLED = "candidate_enrolled"
    FOLLOWERS_SET = "followers_set"
    PLACEMENT_ADDED = "placement_added"
    PLACEMENT_AMENDED = "placement_amended"
    PLACEMENT_CANCELLED = "placement_cancelled"
    ROSTER_CONFIRMED = "roster_confirmed"
    ROSTER_PREVIEWED = "roster_previewed"
    ROSTER_UNDONE = "roster_undone"
    TUTOR_REPLACED = "tutor_replaced"

    # The portfolio and its pieces
    ACTIVITY_ADDED = "activity_added"
    ACTIVITY_AMENDED = "activity_amended"
    ACTIVITY_WITHDRAWN = "activity_withdrawn"
    CHECK_RECORDED = "check_recorded"
    EVIDENCE_ADDED = "evidence_added"
    EVIDENCE_AMENDED = "evidence_amended"
    EVIDENCE_WITHDRAWN = "evidence_withdrawn"
    FEEDBACK_ACKNOWLEDGED = "feedback_acknowledged"
    FEEDBACK_GIVEN = "feedback_given"
    FILE_DESCRIBED = "file_described"
    FILE_DISCARDED = "file_discarded"
    FILE_OPENED = "file_opened"
    FILE_QUARANTINED = "file_quarantined"
    FILE_REMOVED = "file_removed"
    FILE_VERIFIED = "file_verified"
    UPLOAD_BEGUN = "upload_begun"
    UPLOAD_RELAYED = "upload_relayed"

    # Sign-offs
    PAPER_DEPOSITED = "paper_deposited"
    PLACEMENT_CONTESTED = "placement_contested"
    PLACEMENT_RESUMED = "placement_resumed"
    REALITY_CONCLUDED_ALONE = "reality_concluded_alone"
    REALITY_CONCURRED = "reality_concurred"
    REALITY_REWRITTEN = "reality_rewritten"
    REALITY_WRITTEN = "reality_written"
    SIGN_OFF_ANSWERED = "sign_off_answered"
    SIGN_OFF_LINK_ISSUED = "sign_off_link_issued"
    SIGN_OFF_LINK_OPENED = "sign_off_link_opened"
    SIGN_OFF_LINKS_REVOKED = "sign_off_links_revoked"
    SIGN_OFF_REQUESTED = "sign_off_requested"
    TUTOR_WAIVED = "tutor_waived"

    # Submission
    PORTFOLIO_EXPORTED = "portfolio_exported"
    PORTFOLIO_REOPENED = "portfolio_reopened"
    PORTFOLIO_SUBMITTED = "portfolio_submitted"

    # Commission and sheet
    ASSESSMENT_APPRAISED = "assessment_appraised"
    COMMISSION_CANCELLED = "commission_cancelled"
    COMMISSION_CONVENED = "commission_convened"
    COMMISSION_MOVED = "commission_moved"
    WAY_OF_SCORING_CHOSEN = "way_of_scoring_chosen"
    GRID_FILLED = "grid_filled"
    GRID_SEALED = "grid_sealed"
    MEMBER_REPLACED = "member_replaced"
    PIECE_ADMITTED = "piece_admitted"
    PIECE_RETAINED = "piece_retained"
    SHEET_DRAWN_UP = "sheet_drawn_up"
    SHEET_RELEASED = "sheet_released"
    SHEET_SIGNED = "sheet_signed"
    SHEET_TRANSMITTED = "sheet_transmitted"
    SHEET_VOIDED = "sheet_voided"
    SUBMISSION_TAKEN_OVER = "submission_taken_over"

    # Jury
    FINAL_MARK_CORRECTED = "final_mark_corrected"
    FINAL_MARK_SET = "final_mark_set"
    MARK_LIST_RECONCILED = "mark_list_reconciled"
    PROPOSALS_CONFIRMED = "proposals_confirmed"
    RESULTS_PUBLISHED = "results_published"

    # Keeping and elimination
    ELIMINATION_DONE = "elimination_done"
    ELIMINATION_SLIP_ABANDONED = "elimination_slip_abandoned"
    ELIMINATION_SLIP_APPROVED = "elimination_slip_approved"
    ELIMINATION_SLIP_DRAWN_UP = "elimination_slip_drawn_up"
    ELIMINATION_SLIP_REFUSED = "elimination_slip_refused"
    ELIMINATION_STARTED = "elimination_started"
    PORTFOLIO_ELIMINATED = "portfolio_eliminated"
    PORTFOLIO_FILES_ERASED = "portfolio_files_erased"
    PORTFOLIO_HELD = "portfolio_held"
    PORTFOLIO_HOLD_LIFTED = "portfolio_hold_lifted"
    PORTFOLIO_SPARED = "portfolio_spared"

    # The record itself
    HEADS_ANCHORED = "heads_anchored"
    RECORD_SEALED = "record_sealed"
    STATE_FOUND = "state_found"
    STATE_SEALED = "state_sealed"
