"""Files inside pages: what may be seen of one, never its own markup; films and sounds by the piece."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from flask import Response, request, url_for

from api.http.headers import CLOSED
from api.http.routing import find
from portfolio.documents import CertificateFile, EvidenceFile
from portfolio.documents.portfolios import ViewedFile
from portfolio.errors import Unavailable
from portfolio.evidence import downloads
from portfolio.files import notices
from portfolio.files.personal_data.place_words import kinds_of, line_of
from portfolio.files.previews import kept_views, play, searched_views, show
from portfolio.files.previews.places import TooManyViews
from portfolio.files.previews.preview_spec import WEBP, Preview, shape_of
from portfolio.files.previews.sandbox import CannotShow
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.file_kinds import KINDS
from web.assets.joined import STATIC
from web.everyone.table_rows import rows_of
from web.layout import page
from web.pages import Pages

pages = Pages("files", __name__)
pages.app_template_global("rows_of")(rows_of)

# A film that is paused holds no thread: the browser comes back for the next piece.
LARGEST_PIECE = 4 << 20
# For a page that other pages of ours frame: no script, but see `_policy`. data: the arrows of our style sheet.
FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; "
    f"form-action 'self'; {CLOSED}; frame-ancestors 'self'"
)
BARE = f"sandbox; default-src 'none'; media-src 'self'; {CLOSED}; frame-ancestors 'none'"
# A mail as it looked: no script, no origin, nothing from elsewhere, whatever the sanitiser left.
LAYOUT = f"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; {CLOSED}; frame-ancestors 'self'"
SCRIPT_OF_PAGES = "js/page_pictures.js"
SVG = "image/svg+xml"
NO_PICTURE = (STATIC / "no-picture.svg").read_bytes()
PICTURE_TO_COME = (STATIC / "picture-to-come.svg").read_bytes()
FOR_THIS_READER = "private, max-age=300"


@dataclass(frozen=True)
class WhoseData:
    """kinds: French words on what was found, with counts. lines: each with its place, and one value that is masked."""

    kinds: str
    lines: list[tuple[str, str]]


@pages.shows("/fichiers/<oid:file_id>/vue", Action.READ_FILE)
def view(by: Actor, at: datetime, file_id: ObjectId) -> Response:
    """Shows the whole view of a file, alone; or in a frame, whose own page says the file's name and offers the
    download. Raises NotFound, Forbidden, Unavailable (the store).
    """
    file = find(EvidenceFile, file_id)
    return view_of(file, show.preview_of(by, file))


def view_of(file: ViewedFile, preview: Preview) -> Response:
    """Returns the page of a whole view, which others of ours may frame."""
    answer = page(
        "everyone/file_view.html",
        file=file,
        view=notices.beside_them(file, preview),
        in_frame="cadre" in request.args,
        layout_shown=request.args.get("presentation", type=int),
    )
    answer.headers["Content-Security-Policy"] = _policy(preview)
    return answer


@pages.acts("/fichiers/<oid:file_id>/telecharger", Action.READ_FILE, back=view)
def download(by: Actor, at: datetime, file_id: ObjectId) -> Response:
    """Shows a page that leads to the object store, and records it: a form may not be answered by another origin (CSP
    form-action). Raises what `downloads.download_link` raises.
    """
    file = find(EvidenceFile, file_id)
    return leads_to(file, downloads.download_link(by, file, at))


def leads_to(file: ViewedFile, address: str) -> Response:
    """Returns the page that leads to the object store. address: the link that it gave for this file."""
    answer = page("everyone/file_download.html", file=file, address=address)
    answer.headers["Content-Security-Policy"] = FRAMED
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


@pages.shows("/fichiers/<oid:file_id>/vignette", Action.READ_FILE)
def thumbnail(by: Actor, at: datetime, file_id: ObjectId) -> Response:
    return picture_of(by, find(EvidenceFile, file_id), show.thumbnail)


@pages.shows("/fichiers/<oid:file_id>/image", Action.READ_FILE)
def picture(by: Actor, at: datetime, file_id: ObjectId) -> Response:
    return picture_of(by, find(EvidenceFile, file_id), show.picture)


@pages.shows("/fichiers/<oid:file_id>/page/<int:number>", Action.READ_FILE)
def page_picture(by: Actor, at: datetime, file_id: ObjectId, number: int) -> Response:
    return picture_of(by, find(EvidenceFile, file_id), lambda by, file: show.page_picture(by, file, number))


@pages.shows("/fichiers/<oid:file_id>/presentation/<int:number>", Action.READ_FILE)
def mail_layout(by: Actor, at: datetime, file_id: ObjectId, number: int) -> Response:
    """Returns the HTML of a mail as it looked, for the frame beside its words. number: of the mail in the file, from 1.
    Raises what `show.mail_layout` raises.
    """
    file = find(EvidenceFile, file_id)
    answer = Response(show.mail_layout(by, file, number), mimetype="text/html")
    _with_headers(answer, f"{file.sha256[:32]}-presentation-{number}-{kept_views.VERSION}")
    answer.headers["Content-Security-Policy"] = LAYOUT
    return answer


@pages.shows("/fichiers/<oid:file_id>/piece-jointe/<int:number>", Action.READ_FILE)
def attached_view(by: Actor, at: datetime, file_id: ObjectId, number: int) -> Response:
    """Shows a file attached to a mail. number: from 1, of all that are attached. Raises what `show.attached_preview`
    raises.
    """
    file = find(EvidenceFile, file_id)
    attached = show.attached_preview(by, file, number)
    answer = page(
        "everyone/attached_file.html",
        file=file,
        attached=attached,
        number=number,
        in_frame="cadre" in request.args,
    )
    answer.headers["Content-Security-Policy"] = _policy(attached.preview)
    return answer


@pages.shows("/fichiers/<oid:file_id>/piece-jointe/<int:number>/image", Action.READ_FILE)
def attached_picture(by: Actor, at: datetime, file_id: ObjectId, number: int) -> Response:
    return picture_of(by, find(EvidenceFile, file_id), lambda by, file: show.picture_inside(by, file, number))


@pages.shows("/fichiers/<oid:file_id>/piece-jointe/<int:number>/page/<int:page_number>", Action.READ_FILE)
def attached_page_picture(by: Actor, at: datetime, file_id: ObjectId, number: int, page_number: int) -> Response:
    file = find(EvidenceFile, file_id)
    return picture_of(by, file, lambda by, file: show.picture_inside(by, file, number, page_number))


def _policy(preview: Preview) -> str:
    """Returns the policy of a view: that of FRAMED; where it has pages, with the one script that asks again for their
    pictures, by its address, so that markup which slipped through would still run nothing (decision 0048).
    """
    if not preview.pages:
        return FRAMED
    script = url_for("layout.static", filename=SCRIPT_OF_PAGES, _external=True)
    return f"{FRAMED}; script-src {script}; connect-src 'self'"


def picture_of(by: Actor, file: ViewedFile, draw: Callable[[Actor, ViewedFile], bytes]) -> Response:
    """Returns a picture of the file, or one that says in its place that it cannot be drawn, or not yet: never a broken
    image.
    """
    try:
        drawn, media_type = draw(by, file), WEBP
    except CannotShow:
        drawn, media_type = NO_PICTURE, SVG
    except TooManyViews as busy:
        return _picture_to_come(busy)
    etag = hashlib.sha256(drawn).hexdigest()[:32]  # a small picture may be drawn better later
    known = request.if_none_match.contains(etag)
    return _with_headers(Response(status=304) if known else Response(drawn, mimetype=media_type), etag)


def _picture_to_come(busy: TooManyViews) -> Response:
    """Returns the picture that asks to come back, kept by nobody; still a refusal (503), for programs and figures."""
    answer = _with_headers(Response(PICTURE_TO_COME, status=503, mimetype=SVG), "to-come")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Retry-After"] = str(busy.facts["retry_after"])
    return answer


@pages.shows("/fichiers/<oid:file_id>/media", Action.READ_FILE)
def media(by: Actor, at: datetime, file_id: ObjectId) -> Response:
    """Returns one range of bytes of a recording (RFC 9110, 14); everything where none, several or another unit is asked
    for; 416 beyond its end. Raises NotFound, Forbidden, NothingToShow, NotAsSealed, Unavailable (the store).
    """
    file = find(EvidenceFile, file_id)
    play.refuse_unplayable(by, file)
    etag = file.sha256[:32]
    span = _asked_range(int(file.size), etag)
    if span is None:
        download = play.whole_recording(by, file)
        answer = Response(iter(download), mimetype=file.media_type)
        answer.call_on_close(download.close)
        answer.content_length = file.size
    elif span[0] >= span[1]:
        answer = Response(status=416)
        answer.headers["Content-Range"] = f"bytes */{file.size}"
    else:
        start, stop = span[0], min(span[1], span[0] + LARGEST_PIECE)
        answer = Response(play.recording(by, file, start, stop - start), 206, mimetype=file.media_type)
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    answer.headers["Accept-Ranges"] = "bytes"
    return _with_headers(answer, etag)


def _asked_range(size: int, etag: str) -> tuple[int, int] | None:
    """Returns (first byte asked for, the one after the last), empty where the range lies beyond the end; None where
    everything is to be sent. size: in bytes.
    """
    asked = request.range
    current = request.if_range.etag is None and request.if_range.date is None or request.if_range.etag == etag
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not current:
        return None
    start, stop = asked.ranges[0]
    if start < 0:
        return max(0, size + start), size
    return start, size if stop is None else min(stop, size)


def _with_headers(answer: Response, etag: str) -> Response:
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = FOR_THIS_READER
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Content-Security-Policy"] = BARE
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@pages.app_template_global()
def file_address(file: ViewedFile, what: str, **values: object) -> str:
    """Returns the address of a page about a file, of a piece or of a period. what: `view`, `thumbnail`… values: what
    the address holds besides.
    """
    of_period = isinstance(file, CertificateFile)  # a piece may show its files as rows
    room, parameter = ("certificates", "certificate_id") if of_period else ("files", "file_id")
    return url_for(f"{room}.{what}", **{parameter: file.id}, **values)  # type: ignore[arg-type]


@pages.app_template_global()
def layout_of(file: ViewedFile) -> str:
    """Returns how `show_file` draws the file: picture, document, film, sound, or nothing (not verified, or
    discarded).
    """
    return shape_of(file.kind) if file.state == "verified" and file.discarded_at is None else "nothing"


@pages.app_template_global()
def is_drawn(file: ViewedFile) -> bool:
    """Returns whether a small picture of the file may stand in a page: one that cannot be drawn leaves its sentence."""
    return layout_of(file) in ("picture", "document") and notices.is_shown(file)


@pages.app_template_global()
def notices_of(file: ViewedFile, own: bool = False) -> list[str]:
    """Returns what is to be known of the file, in French. own: with advice, for the candidate who deposited it."""
    return notices.for_owner(file) if own else notices.for_reader(file)


@pages.app_template_global()
def data_found_in(file: ViewedFile) -> WhoseData | None:
    """Returns what a file seems to hold of other people's data; None where nothing was found, or was searched yet: the
    page around it stays while the store does not answer.
    """
    try:
        rows = searched_views.found_in(file)
    except Unavailable:
        return None
    return WhoseData(kinds_of(rows), [(line_of(row), row.excerpt) for row in rows]) if rows else None


@pages.app_template_global()
def kind_of(file: ViewedFile) -> str:
    """Returns what the file is, in French, by its content; "" before it was verified."""
    return KINDS[file.kind].label_fr if file.kind in KINDS else ""
