"""The whole site: the JSON doors and the pages, one module per reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from api.app import create_app
from api.doors import refuse_undeclared
from config.settings import Settings
from web import (
    access,
    account,
    administrator,
    candidate,
    candidate_activities,
    candidate_deposit,
    candidate_hand_in,
    candidate_piece,
    commission,
    commission_accord,
    commission_grid,
    drafts,
    forms,
    inspector,
    invitation,
    jury,
    jury_sheets,
    look,
    office,
    office_archives,
    office_candidates,
    office_commissions,
    office_imports,
    office_proof,
    office_sheets,
    office_slips,
    people,
    refusals,
    rights,
    second_factor,
    sheet,
    teacher,
    teacher_candidate,
    teacher_checks,
    teacher_commissions,
    teacher_paper,
    teacher_placements,
    tutor,
    views,
    ways,
)

READERS = (
    access,
    account,
    administrator,
    candidate,
    candidate_activities,
    candidate_deposit,
    candidate_hand_in,
    candidate_piece,
    commission,
    commission_accord,
    commission_grid,
    drafts,
    inspector,
    invitation,
    jury,
    jury_sheets,
    office,
    office_archives,
    office_candidates,
    office_commissions,
    office_imports,
    office_proof,
    office_sheets,
    office_slips,
    people,
    rights,
    second_factor,
    sheet,
    teacher,
    teacher_candidate,
    teacher_checks,
    teacher_commissions,
    teacher_paper,
    teacher_placements,
    tutor,
    views,
    ways,
)


def create_site(settings: Settings, clock: Callable[[], datetime] | None = None) -> Flask:
    app = create_app(settings, clock)
    look.install(app)
    forms.install(app)
    for reader in READERS:
        app.register_blueprint(reader.pages)
    refusals.install(app)
    refuse_undeclared(app)
    return app
