"""Maps each kind of outbox row to its handler. A handler may be called twice for the same row."""

from __future__ import annotations

from portfolio.archive import eliminate
from portfolio.commission.on_paper import grid_scans
from portfolio.enrolment import account_changes
from portfolio.enrolment.certificates import deposits
from portfolio.enrolment.corrections.kept import TELLS
from portfolio.enrolment.moves import replacements
from portfolio.evidence import upload_ending
from portfolio.evidence.many_at_once import unpacking
from portfolio.evidence.quarantine import later
from portfolio.files.previews import prepare
from portfolio.identity import visitor_requests
from portfolio.mail import (
    account_change,
    account_notice,
    acknowledgement,
    address_failed,
    advice,
    anchor,
    code,
    convocation,
    deadline_moved,
    invitation,
    receipt,
    result_changed,
    sign_offs,
    teacher_inbox,
)
from portfolio.mail.moves import abandonment, kept, replacement, transfer
from portfolio.mail.placements import answered, contested, proposed
from portfolio.sheet.dossiers import printing
from portfolio.store.outbox import DRAW, EXAMINE, PRINT_DOSSIER, UNPACK, ErrandHandler

DRAWERS: dict[str, ErrandHandler] = {
    DRAW: prepare.draw,
    PRINT_DOSSIER: printing.print_dossier,
    UNPACK: unpacking.unpack,
    EXAMINE: later.examine,
}
HANDLERS: dict[str, ErrandHandler] = {
    "abandonment": abandonment.send,
    "account_change": account_change.send,
    "account_change_due": account_changes.due,
    "account_notice": account_notice.send,
    "acknowledgement": acknowledgement.send,
    "address_failed": address_failed.send,
    "advice": advice.send,
    "anchor": anchor.send,
    deposits.OVER: deposits.erase,
    "convocation": convocation.send,
    "deadline_moved": deadline_moved.send,
    "dossier_over": printing.erase,
    "eliminate": eliminate.eliminate_one,
    "grid_scan_withdrawn": grid_scans.erase_withdrawn,
    "invitation": invitation.send,
    TELLS: kept.send,
    "placement_answered": answered.send,
    "placement_contested": contested.send,
    "placement_proposed": proposed.send,
    replacements.TELLS: replacement.send,
    replacements.DUE: replacements.due,
    "result_changed": result_changed.send,
    "sign_in_code": code.send,
    "sign_off_link": sign_offs.send_link,
    "sign_off_reminder": sign_offs.remind,
    "sign_off_receipt": receipt.send,
    "sign_offs": sign_offs.send,
    "teacher_sign_offs": teacher_inbox.send,
    "transfer": transfer.send,
    "upload_removed": upload_ending.forget_upload,
    "way_in_asked": visitor_requests.answer,
}
