"""Papers of an elimination: the slip and its certificate, PDF/A; the annex with names, for the visa only.

The certificate is kept for ever. It names candidates by their number and each last submission by its digest, so that a
receipt or an archive that a person kept can still be recognised.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from portfolio.archive.slip_content import CertificateContent, SharedFiles, SlipContent
from portfolio.counting import many
from portfolio.documents import Academy, Candidacy, EliminationSlip, School
from portfolio.documents.eliminations import SlipLine, SlipState
from portfolio.documents.fields import by_id
from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import is_rehearsal
from portfolio.papers.csv_writer import listed
from portfolio.papers.typeset import TEMPLATES, drawable, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import exam, named
from portfolio.store.canonical_json import canonical

SLIP, CERTIFICATE = "portfolio-e5/bordereau-elimination/1", "portfolio-e5/attestation-elimination/1"
TEMPLATE = TEMPLATES / "elimination.typ"
CATEGORY = (
    "Portfolios de compétences numériques des candidats à l'{exam} (contrôle en cours de formation) : preuves et "
    "leurs fichiers, activités, remises, confirmations, conseils."
)
LAW = "code du patrimoine, articles L212-2 et R212-14"
STAYS = "Restent conservés l'inscription, la fiche d'évaluation, le résultat, le journal scellé des actes."
ANNEX = (
    *("Session", "Épreuve", "N° candidat", "Nom de naissance", "Prénoms"),
    *("Résultat publié le", "Pas avant le", "Fichiers", "Octets"),
)


class PaperBox(TypedDict):
    title: str
    lines: list[str]


class PaperWords(TypedDict):
    """The words of a paper, as its template reads them."""

    title: str
    facts: list[list[str]]
    opening: str
    columns: list[str]
    rows: list[list[str]]
    said: list[str]
    boxes: list[PaperBox]


class NotEliminatedYet(NotNow):
    code = "not_eliminated_yet"
    source = RuleSource.INTEGRITY
    detail = "L'attestation est établie une fois l'élimination achevée."


def slip_pdf(by: Actor, slip: EliminationSlip) -> bytes:
    """Returns the PDF of the slip as drawn up, with room for the visa: the same bytes in any later state of the slip.
    Raises NotFound, Forbidden.
    """
    content, zone = slip_content(by, slip), _zone(slip)
    view: PaperWords = {
        "title": f"Bordereau d'élimination n° {slip.number}",
        "facts": [
            *_facts(content),
            ["Nombre", _number(len(content["candidates"]), "portfolio")],
            ["Établi le", _day(content["drawn_up_on"])],
        ],
        "opening": f"L'établissement propose l'élimination des documents suivants ({LAW}).",
        "columns": ["N° de candidat", "Résultat publié le", "Pas avant le", "Fichiers"],
        "rows": [_proposed(line, zone) for line in slip.lines],
        "said": [STAYS, "Rien n'est éliminé sans le visa ci-dessous. L'annexe nominative est jointe à la demande."],
        "boxes": [
            {"title": "Le chef d'établissement", "lines": ["Date :", "Signature :"]},
            {"title": "Visa du service d'archives", "lines": ["Référence :", "Date, nom et qualité :", "Signature :"]},
        ],
    }
    return _render(view, content, date.fromisoformat(content["drawn_up_on"]))


def certificate_pdf(by: Actor, slip: EliminationSlip) -> bytes:
    """Returns the PDF of the certificate of elimination. Raises NotFound, Forbidden; NotEliminatedYet until the slip is
    done.
    """
    content = certificate_content(by, slip)
    visa = content["visa"]
    count, proposed = len(content["eliminated"]), len(content["candidates"])
    facts = [
        *_facts(content),
        ["Nombre", f"{_number(count, 'portfolio')} sur {proposed} au bordereau"],
        ["Visa", f"{visa['reference']}, le {_day(visa['on'])}, {visa['by']}"],
        ["Achevé le", _day(content["done_on"])],
    ]
    if content["spared"]:
        facts.append(["Conservés", "n° " + ", ".join(content["spared"])])
    if shared := content.get("shared_files"):
        kept = _number(shared, "fichier")
        facts.append(["Fichiers conservés", f"{kept}, repris par leur candidat dans une session ultérieure"])
    view: PaperWords = {
        "title": f"Attestation d'élimination, bordereau n° {slip.number}",
        "facts": facts,
        "opening": f"Les documents suivants ont été éliminés avec le visa du service d'archives ({LAW}).",
        "columns": ["N° de candidat", "Éliminé le", "Empreinte de la dernière remise (SHA-256)"],
        "rows": [
            [line["number"], _day(line["on"]), line["digest"] or "jamais remis"] for line in content["eliminated"]
        ],
        "said": [STAYS],
        "boxes": [{"title": "Le chef d'établissement", "lines": ["Date :", "Signature :"]}],
    }
    return _render(view, content, date.fromisoformat(content["done_on"]))


def slip_content(by: Actor, slip: EliminationSlip) -> SlipContent:
    """Returns the data of the slip in JSON's types, without a name. Raises NotFound, Forbidden."""
    require(by, Action.READ_SLIP, slip)
    school = School.objects.get(pk=slip.school)
    full = exam(slip.exam).in_full
    return {
        "schema": SLIP,
        "fictional": is_rehearsal(slip.session),
        "number": slip.number,
        "session": slip.session,
        "rule": slip.rule,
        "circular": slip.circular,
        "first_day": slip.first_day,
        "last_day": slip.last_day,
        "files": slip.files,
        "octets": slip.octets,
        "school": {"name": school.name, "city": school.city, "uai": school.uai},
        "academy": Academy.objects.get(code=slip.academy).name,
        "exams": [full],
        "category": CATEGORY.format(exam=full),
        "drawn_up_on": f"{slip.created_at.astimezone(_zone(slip)):%Y-%m-%d}",
        "candidates": [line.candidate_number for line in slip.lines],
    }


def certificate_content(by: Actor, slip: EliminationSlip) -> CertificateContent:
    """Returns the data of the slip, with those of what was really eliminated, in JSON's types. Raises NotFound,
    Forbidden; NotEliminatedYet until the slip is done.
    """
    content = slip_content(by, slip)
    if slip.state != SlipState.DONE:
        raise NotEliminatedYet()
    gone = slip.eliminated
    count = sum(line.shared_files or 0 for line in gone)
    shared: SharedFiles = {"shared_files": count} if count else {}
    return {
        **content,
        "schema": CERTIFICATE,
        "files": sum(line.files - (line.shared_files or 0) for line in gone),
        "octets": sum(line.octets - (line.shared_octets or 0) for line in gone),
        **shared,
        "visa": {"reference": slip.visa_reference, "on": slip.visa_on, "by": slip.visa_by},
        "done_on": f"{slip.done_at.astimezone(_zone(slip)):%Y-%m-%d}",
        "eliminated": [
            {"number": line.candidate_number, "on": line.eliminated_on, "digest": line.digest} for line in gone
        ],
        "spared": [line.candidate_number for line in slip.lines if line.eliminated_on is None],
    }


def annex_csv(by: Actor, slip: EliminationSlip) -> bytes:
    """Returns the CSV (as `csv_writer.listed` writes it) of the slip's portfolios by name, a line each, for the service
    that gives the visa. Raises NotFound, Forbidden.
    """
    require(by, Action.DECIDE_SLIP, slip)
    people = by_id(Candidacy, (line.candidacy for line in slip.lines))
    zone = _zone(slip)
    return listed(ANNEX, [_named(line, people[line.candidacy], zone) for line in slip.lines])


def _named(line: SlipLine, candidacy: Candidacy, zone: ZoneInfo) -> list[str]:
    _, published, earliest, files = _proposed(line, zone)
    person = [line.candidate_number, candidacy.birth_name, candidacy.given_names]
    return [candidacy.session, named(candidacy.exam), *map(str, person), published, earliest, files, str(line.octets)]


# --- pure -----------------------------------------------------------------------------------------


def _render(view: PaperWords, content: SlipContent, day: date) -> bytes:
    school = content["school"]
    around = {
        "fictional": content["fictional"],
        "school": f"{school['name']}\n{school['city']}",
        "academy": f"Académie : {content['academy']} – UAI {school['uai']}",
        "footer": f"{view['title']} – {content['exams'][0]}, session {content['session']}",
    }
    rows = each(view["rows"], drawable)  # digests are meant to be copied: the template gives them room
    return typeset(TEMPLATE, each({**view, **around}, wrapping) | {"rows": rows}, canonical(content), day)


def _facts(content: SlipContent) -> list[list[str]]:
    return [
        ["Service producteur", f"{content['school']['name']}, {content['school']['city']}"],
        ["Documents", content["category"]],
        ["Dates extrêmes", f"du {_day(content['first_day'])} au {_day(content['last_day'])}"],
        ["Fichiers, volume", f"{_number(content['files'], 'fichier')}, {_volume(content['octets'])}"],
        ["Règle appliquée", f"{content['rule'].rstrip('.')} ({content['circular']})"],
    ]


def _proposed(line: SlipLine, zone: ZoneInfo) -> list[str]:
    return [line.candidate_number, _local(line.published_at, zone), _local(line.earliest, zone), str(line.files)]


def _zone(slip: EliminationSlip) -> ZoneInfo:
    return ZoneInfo(Academy.objects.get(code=slip.academy).timezone)


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d/%m/%Y}"


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def _number(count: int, of: str) -> str:
    return many(count, of)


def _volume(octets: int) -> str:
    return many(octets, "octet") if octets < 100_000 else f"{octets / 1_000_000:.1f} Mo".replace(".", ",")
