"""Photo or file first. With JavaScript files go by the API, in parts; without, in one form.

A form carries no more than one part would, since a proxy holds it whole: what is longer goes by parts.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import IO

from bson import ObjectId
from flask import Response, flash, jsonify, request, url_for
from marshmallow import Schema
from werkzeug.datastructures import FileStorage

from api.evidence.pieces import NewEvidence
from api.evidence.uploads import FileWords
from api.http.idempotency import create_once
from api.http.routing import find
from api.http.schemas import text
from portfolio.counting import many
from portfolio.documents import Evidence, EvidenceFile
from portfolio.errors import Invalid, Unavailable
from portfolio.evidence import deposit, quick_deposit, upload_ending, uploads
from portfolio.evidence.cleaned_copies import make as cleaned_copies
from portfolio.files import notices
from portfolio.files.cleaning.outcome import ACCEPTED, REMOVED_WORDS
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.texts.catalogue import UNSORTED, catalogue
from portfolio.store.connections import current
from web.candidate import first_page
from web.candidate import piece as candidate_piece
from web.forms import read_form
from web.pages import ONCE, FormExpired, Pages, find_unchanged, made_once

pages = Pages("candidate_deposit", __name__, "candidate")

CARRY_FILES = ("candidate_deposit.deposit_files_act", "candidate_deposit.add_files_act")
BESIDE_FILES = 1 << 20  # bytes: the other fields of the form, and what frames each file


class NewCapture(Schema):
    name = text(500, one_line=True, required=True)


@pages.before_request
def let_files_through() -> None:
    """Lets a form that carries files be as large as a part and its fields; called before anything of it is read."""
    if request.endpoint in CARRY_FILES:
        request.max_content_length = current().settings.part_bytes + BESIDE_FILES


# --- a new piece ----------------------------------------------------------------------------------


@pages.acts("/portfolio/<oid:portfolio_id>/preuves", Action.DEPOSIT, back=first_page.show)
def deposit_files(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    """Receives a form with the files in it, for browsers without JavaScript, and returns the address of the new piece.
    Raises Invalid if all of them are refused, and what `begin_with`, `uploads.begin` and `send_whole` raise: then
    nothing is left.
    """
    portfolio = first_page.own_portfolio(by, portfolio_id)
    sent = sent_files()
    piece = made_once(by, lambda: quick_deposit.begin_with(by, portfolio, sent[0].filename or "", at))
    files = quick_deposit.send_first_files(by, piece, begun(by, piece, sent, at), at)
    return _outcome(piece, files)


@pages.sends("/portfolio/<oid:portfolio_id>/preuves/nouvelle", Action.DEPOSIT)
def begin(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    """Makes the piece that files are about to be sent to, by the API; returns {id, title, address} as JSON. Raises
    NotFound, Forbidden, KeyReused and what `quick_deposit.begin_with` raises.
    """
    portfolio = first_page.own_portfolio(by, portfolio_id)
    name = read_form(NewCapture)["name"]
    piece = made_once(by, lambda: quick_deposit.begin_with(by, portfolio, name, at))
    address = url_for("candidate_piece.piece", evidence_id=piece.id)
    return jsonify(id=str(piece.id), title=piece.title, address=address)


@pages.sends("/portfolio/preuve/<oid:evidence_id>/sans-suite", Action.AMEND_EVIDENCE)
def give_up(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    """Withdraws the piece that was begun for files, once each of them is refused or not to be sent; returns {withdrawn:
    bool} as JSON. Raises NotFound, Forbidden and what `quick_deposit.withdraw_refused` raises.
    """
    return jsonify(withdrawn=quick_deposit.withdraw_refused(by, candidate_piece.own_piece(by, evidence_id), at))


@pages.shows("/portfolio/<oid:portfolio_id>/preuves/sans-fichier", Action.DEPOSIT)
def without_file(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    types = [(code, kind.label) for code, kind in catalogue(portfolio.exam).types.items() if code != UNSORTED]
    return first_page.portfolio_page("without_file.html", portfolio, portfolio=portfolio, types=types)


@pages.acts("/portfolio/<oid:portfolio_id>/preuves/sans-fichier", Action.DEPOSIT, back=without_file)
def add_without_file(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    values = read_form(NewEvidence, "title", "type_code")
    lacking = {name: ["À remplir."] for name in ("title", "type_code") if name not in values}
    if lacking:
        raise Invalid(lacking)
    values["nature"] = catalogue(portfolio.exam).evidence_type(values["type_code"]).nature
    piece = made_once(by, lambda: deposit.add_piece(by, portfolio, values, at))
    return url_for("candidate_piece.piece", evidence_id=piece.id)


# --- files of a piece -----------------------------------------------------------------------------


@pages.acts("/portfolio/preuve/<oid:evidence_id>/fichiers", Action.AMEND_EVIDENCE, back=candidate_piece.piece)
def add_files(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    piece = candidate_piece.own_piece(by, evidence_id)
    each = begun(by, piece, sent_files(), at)
    return _outcome(piece, [quick_deposit.send_whole(by, file, content, at) for file, content in each])


def sent_files() -> list[FileStorage]:
    """Returns the files that the form carries. Raises Invalid on `files` without any, or if one is empty."""
    files = [file for name in ("photo", "files") for file in request.files.getlist(name) if file.filename]
    if not files:
        raise Invalid({"files": ["Choisissez un fichier, ou prenez une photo."]})
    empty = [file.filename for file in files if not _size(file)]
    if empty:
        raise Invalid({"files": [f"« {name} » est vide : choisissez un autre fichier." for name in empty]})
    return files


def _size(sent: FileStorage) -> int:
    """Returns the size of the file in bytes, and goes back to its first one."""
    size = sent.stream.seek(0, os.SEEK_END)
    sent.stream.seek(0)
    return size


def begun(
    by: Actor, piece: Evidence, sent: list[FileStorage], at: datetime
) -> Iterator[tuple[EvidenceFile, IO[bytes]]]:
    """Yields (file, content) for each file sent, begun when it is its turn; a form sent twice begins none twice. Raises
    FormExpired without its key, and what `_begin` raises.
    """
    key = request.form.get(ONCE, "")
    if not 8 <= len(key) <= 100:
        raise FormExpired()
    for number, file in enumerate(sent):
        values: dict[str, object] = {"name": file.filename, "size": _size(file), "relay": True}
        yield _begin(by, piece, values, f"{key}.{number}", at), file.stream


def _outcome(piece: Evidence, files: list[EvidenceFile]) -> str:
    """Says on the next page whether each file was accepted; returns the address of the piece."""
    if any(file.state == "quarantined" for file in files):
        flash("Un fichier au moins a été refusé : le motif et la marche à suivre sont ci-dessous.", "warn")
    elif not all(notices.is_shown(file) for file in files):
        flash("C'est envoyé, mais un fichier au moins ne peut pas être affiché : voyez pourquoi ci-dessous.", "warn")
    else:
        flash("C'est envoyé et vérifié. Vous pouvez compléter maintenant ou plus tard.", "ok")
    return url_for("candidate_piece.piece", evidence_id=piece.id)


def _begin(by: Actor, piece: Evidence, values: dict[str, object], key: str, at: datetime) -> EvidenceFile:
    """Returns the file of `uploads.begin` with these values, the same one for the same form key; another if it was
    removed while pending. Raises the errors of `uploads.begin`, KeyReused.
    """
    for attempt in itertools.count():
        begin = partial(uploads.begin, by, piece, values, at)
        made = create_once(by, f"{key}.{attempt}", f"{piece.id}{values}".encode(), begin)
        file: EvidenceFile = EvidenceFile.objects.get(pk=made.id)
        if file.removed_at is None or file.state != "pending":
            break
        piece = Evidence.objects.get(pk=piece.id)
    return file


def piece_of(by: Actor, at: datetime, file_id: ObjectId) -> Response:
    """Shows the page of the piece that this file is of. Raises NotFound, Forbidden."""
    return candidate_piece.piece(by, at, find(EvidenceFile, file_id).evidence)


@pages.acts("/portfolio/fichier/<oid:file_id>/retirer", Action.UPLOAD, back=piece_of)
def remove_file(by: Actor, at: datetime, file_id: ObjectId) -> str:
    file = upload_ending.remove(by, find_unchanged(EvidenceFile, file_id), at)
    flash(f"« {file.name} » est retiré de la preuve.", "ok")
    return url_for("candidate_piece.piece", evidence_id=file.evidence)


@pages.acts("/portfolio/fichier/<oid:file_id>/copie", Action.UPLOAD, back=piece_of)
def clean_file(by: Actor, at: datetime, file_id: ObjectId) -> str:
    copy = cleaned_copies.make(by, find_unchanged(EvidenceFile, file_id), at)
    there = "est déjà dans la preuve" if copy.was_there else "est ajouté à la preuve"
    flash(
        f"« {copy.file.name} » {there}. {_changes(copy.removed)} Comparez les deux fichiers, puis retirez celui que "
        "vous ne gardez pas.",
        "ok",
    )
    return url_for("candidate_piece.piece", evidence_id=copy.file.evidence)


def _changes(removed: dict[str, int]) -> str:
    """Returns sentences that say what a copy has no more, and which changes it has accepted."""
    lists: dict[str, list[str]] = {"Retiré": [], "Accepté": []}
    for code, count in removed.items():
        lists["Accepté" if code in ACCEPTED else "Retiré"].append(many(count, *REMOVED_WORDS[code]))
    return " ".join(f"{begins} : {', '.join(words)}." for begins, words in lists.items() if words)


@pages.app_template_global()
def copy_is_offered(file: EvidenceFile) -> bool:
    """Returns whether a cleaned copy of the file is offered; False while the store does not answer."""
    try:
        return cleaned_copies.is_offered(file)
    except Unavailable:
        return False


@pages.acts("/portfolio/fichier/<oid:file_id>/decrire", Action.UPLOAD, back=piece_of)
def describe_file(by: Actor, at: datetime, file_id: ObjectId) -> str:
    file = find_unchanged(EvidenceFile, file_id)
    values = read_form(FileWords, alternative=request.form.get("alternative", "").strip() or None)
    quick_deposit.describe(by, file, values["alternative"], at)
    flash("La description du fichier est enregistrée.", "ok")
    return url_for("candidate_piece.piece", evidence_id=file.evidence)
