"""Gathers what a dossier prints of one submission, and sets it as PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from portfolio.commission.assess import manifest_of, submission_of
from portfolio.commission.meeting import seats
from portfolio.commission.on_paper.blank_grids import blank_grid, code_of
from portfolio.documents import Assessment, Candidacy, Commission, EvidenceFile, School, Submission
from portfolio.documents.fields import read
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of, referential_of
from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import is_rehearsal
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.rules.texts.exam import exam
from portfolio.sheet.annex_input import evaluations
from portfolio.sheet.dossiers.files import printed
from portfolio.sheet.dossiers.pictures import FilePrinted, Pictures, PrintedPdf, with_pictures
from portfolio.sheet.dossiers.words import activity_words, placement_words, submission_words
from portfolio.sheet.shown_submission import AppraisedSubmission
from portfolio.sheet.workspace import evidence
from portfolio.store.canonical_json import canonical

SCHEMA = "portfolio-e5/dossier/1"
TEMPLATE = TEMPLATES / "dossier.typ"
FOOTER = "{candidate}. À l'usage de la commission et de l'établissement : à détruire après la réunion."


class OtherSubmissionNow(NotNow):
    code = "dossier_of_an_earlier_submission"
    source = RuleSource.INTEGRITY
    detail = "La commission apprécie une autre remise que celle de ce dossier : demandez-le de nouveau."


@dataclass(frozen=True)
class DossierSources:
    """What a dossier is made of. submitted: the submission as the commission sees it."""

    commission: Commission
    candidacy: Candidacy
    school: School
    zone: ZoneInfo
    submission: Submission
    submitted: AppraisedSubmission


def gather(commission: Commission, number: int) -> DossierSources:
    """Returns what the dossier of this submission (number) is made of, as it stands. Raises OtherSubmissionNow if the
    commission appraises another one by now, Eliminated.
    """
    assessment = read(Assessment, commission.id)
    candidacy = read(Candidacy, commission.candidacy)
    submission = submission_of(assessment)
    submitted = evidence(assessment, circular_of(candidacy).grid.rows)
    if submission is None or submitted is None or submission.number != number:
        raise OtherSubmissionNow()
    return DossierSources(
        commission=commission,
        candidacy=candidacy,
        school=read(School, commission.school),
        zone=ZoneInfo(academy_of(commission.academy).timezone),
        submission=submission,
        submitted=submitted,
    )


def files_of(sources: DossierSources) -> list[EvidenceFile]:
    """Returns the files of the pieces of the submission, as they are today, in the order of the pieces."""
    wanted = [row.id for piece in sources.submitted.pieces for row in piece.files]
    known = {file.id: file for file in EvidenceFile.objects(pk__in=wanted)}
    return [known[file_id] for file_id in wanted if file_id in known]


def typeset_dossier(sources: DossierSources, most: int, tries: int, at: datetime) -> PrintedPdf:
    """Returns the PDF of the dossier. most: pages of each file. tries: see `files.printed`. Raises MachineBusy,
    Unavailable.
    """
    with Pictures() as pictures:
        files = _printed(sources, partial(printed, most=most, tries=tries, pictures=pictures))
        day = at.astimezone(sources.zone).date()
        pdf = typeset(TEMPLATE, _view(sources, files, at), canonical(_data(sources)), day)
        return with_pictures(pdf, pictures)


def _view(sources: DossierSources, files: dict[str, list[FilePrinted]], at: datetime) -> dict[str, object]:
    """Returns the words that the template lays out. files: of `_printed`."""
    manifest = manifest_of(sources.submission)
    official = referential_of(sources.candidacy)
    today = at.astimezone(sources.zone)
    view = {
        "title": f"Portfolio {exam(sources.commission.exam).name}",
        "candidate": f"{sources.candidacy.display_name}, {sources.candidacy.numbered}",
        "footer": FOOTER.format(candidate=f"{sources.candidacy.display_name}, {sources.candidacy.numbered}"),
        "fictional": is_rehearsal(sources.commission.session),
        "facts": _facts(sources, today),
        "adaptations": [adaptation.effect for adaptation in sources.candidacy.adaptations],
        "placements": [placement_words(placement) for placement in manifest["placements"]],
        "evaluations": [(row.about, row.evaluated, row.text) for row in evaluations(manifest)],
        "activities": [activity_words(held, official, sources.zone, files) for held in sources.submitted.activities],
        "grid": blank_grid(sources.commission, sources.candidacy, sources.school, sources.zone),
    }
    words: dict[str, object] = each(view, wrapping)
    return words


def _printed(
    sources: DossierSources, prints: Callable[[EvidenceFile, str, str], FilePrinted]
) -> dict[str, list[FilePrinted]]:
    """Returns {piece id: its files as printed}. prints: what prints a file, of its document, name and alternative."""
    known = {file.id: file for file in files_of(sources)}
    return {
        piece.id: [prints(known[row.id], row.name, row.alternative or "") for row in piece.files if row.id in known]
        for piece in sources.submitted.pieces
    }


def _facts(sources: DossierSources, today: datetime) -> list[tuple[str, str]]:
    convened = sources.commission.meets_at.astimezone(sources.zone)
    qualities = circular_of(sources.candidacy).sheet.qualities
    members = [f"{seat.name}, {qualities[seat.quality]}" for seat in seats(sources.commission)]
    return [
        ("Établissement", f"{sources.school.name}, {sources.school.city}"),
        ("Session", sources.commission.session),
        ("Remise", submission_words(manifest_of(sources.submission), sources.zone)),
        ("Commission convoquée", f"le {convened:%d/%m/%Y à %H h %M}, {sources.commission.place}"),
        ("Membres", "\n".join(members)),
        ("Code de la grille", code_of(sources.commission.id)),
        ("Imprimé", f"le {today:%d/%m/%Y à %H h %M}"),
    ]


def _data(sources: DossierSources) -> dict[str, object]:
    """Returns what is attached to the PDF: which submission, and the digest of each piece printed."""
    return {
        "schema": SCHEMA,
        "commission": str(sources.commission.id),
        "submission": sources.submission.number,
        "digest": sources.submission.digest,
        "pieces": [
            {"number": piece.number, "id": piece.id, "digest": piece.content["digest"]}
            for piece in sources.submitted.pieces
        ],
    }
