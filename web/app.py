"""The whole site: the JSON routes and the pages, one folder per reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from api.app import create_app
from api.http.routing import refuse_undeclared
from config.settings import Settings
from web import drafts, forms, lateness, layout, refusals
from web.administrator import institutions
from web.candidate import activities, deposit, earlier_pieces, hand_in, piece, pieces, sorting
from web.candidate import archives as candidate_archives
from web.candidate import first_page as candidate_first_page
from web.candidate import proposed_placements as candidate_proposed_placements
from web.commission import accord, grid, meeting, on_paper, queue, sheet
from web.everyone import (
    access,
    account,
    calendar_feed,
    certificates,
    entry_code,
    file_previews,
    invitation,
    rights,
    second_factor,
    well_known,
)
from web.exam_service import desk as exam_desk
from web.inspector import circulars as made_circulars
from web.inspector import readings
from web.jury import first_pages as jury_first_pages
from web.jury import members as jury_members
from web.jury import outcomes as jury_outcomes
from web.jury import reserves as jury_reserves
from web.jury import sheets as jury_sheets
from web.office import archives, candidates, circulars, imports, people, proof, slips
from web.office import commissions as office_commissions
from web.office import first_page as office_first_page
from web.office import outcomes as office_outcomes
from web.office import sheets as office_sheets
from web.office import training as office_training
from web.office.held import files as held_files
from web.office.lists import candidates_file as office_candidates_file
from web.office.lists import entry_codes as office_entry_codes
from web.office.lists import periods as office_period_lists
from web.office.lists import signatory_codes as office_signatory_codes
from web.office.lists import written as office_written_lists
from web.office.lists import year as office_year
from web.office.moves import abandonments as office_moves
from web.office.moves import replacements as office_replacements
from web.office.moves import transfers as office_transfers
from web.support import look_ups
from web.teacher import candidate as teacher_candidate
from web.teacher import class_results, paper, placements
from web.teacher import commissions as teacher_commissions
from web.teacher import first_pages as teacher_first_pages
from web.teacher import proposed_placements as teacher_proposed_placements
from web.teacher import reality as teacher_reality
from web.tutor import objections as tutor_objections
from web.tutor import proposed_placements as tutor_proposed_placements
from web.tutor import reality as tutor_reality
from web.tutor import sign_offs, tutor_access

OF_EVERYONE = (
    *(access, account, calendar_feed, drafts, invitation, rights, second_factor),
    *(entry_code, file_previews, certificates, well_known),
)
OF_CANDIDATES = (
    *(candidate_first_page, activities, candidate_archives, candidate_proposed_placements, deposit, hand_in),
    *(earlier_pieces, piece, pieces, sorting),
)
OF_TUTORS = (tutor_access, sign_offs, tutor_objections, tutor_proposed_placements, tutor_reality)
OF_TEACHERS = (
    *(teacher_first_pages, teacher_candidate, class_results, teacher_commissions, paper, placements),
    *(teacher_proposed_placements, teacher_reality),
)
OF_COMMISSIONS = (queue, grid, accord, meeting, on_paper, sheet)
OF_OFFICES = (
    *(office_first_page, candidates, office_outcomes, office_training, office_moves, circulars, imports, people),
    *(office_period_lists, office_year, office_written_lists, office_transfers, office_replacements, held_files),
    *(office_commissions, office_candidates_file, office_entry_codes, office_signatory_codes, office_sheets),
    *(proof, archives, slips),
)
OF_JURIES = (jury_first_pages, jury_members, jury_reserves, jury_sheets, jury_outcomes)
OF_INSPECTORS, OF_EXAM_SERVICES, OF_SUPPORT, OF_ADMINISTRATORS = (
    (readings, made_circulars),
    (exam_desk,),
    (look_ups,),
    (institutions,),
)
READERS = (
    *OF_EVERYONE,
    *OF_CANDIDATES,
    *OF_TUTORS,
    *OF_TEACHERS,
    *OF_COMMISSIONS,
    *OF_OFFICES,
    *OF_JURIES,
    *OF_INSPECTORS,
    *OF_EXAM_SERVICES,
    *OF_SUPPORT,
    *OF_ADMINISTRATORS,
)


def create_site(settings: Settings, clock: Callable[[], datetime] | None = None) -> Flask:
    app = create_app(settings, clock)
    layout.install(app)
    forms.install(app)
    lateness.install(app)
    for reader in READERS:
        app.register_blueprint(reader.pages)
    refusals.install(app)
    refuse_undeclared(app)
    return app
