"""The journey, a day without network: dossiers and grids printed, two keyed by their codes, each read again."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pypdfium2

from rehearsal.demo.http import PATIENCE_S, eventually, expect
from rehearsal.demo.stage import Stage

ADDRESSES = ("mamadou.diallo@fictif.example", "chloe.nguyen@fictif.example")
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
ABSENT = "Aucune entreprise d'accueil connue"


def play(stage: Stage) -> None:
    """Plays two commissions on paper, each scored by hand as the sheet of the journey was online."""
    online = json.loads((stage.out / "sheet.json").read_text("utf-8"))
    with stage.step("convened_on_paper", "Deux commissions se réuniront sans réseau ; les portfolios sont remis"):
        both = [_convened(stage, rank) for rank in range(2)]
    with stage.step("printed", "Dossier et grille vierge de chacun, en PDF, avec le code de la grille"):
        codes = [_printed(stage, home, rank) for rank, home in enumerate(both)]
        expect(len(set(codes)) == 2, "chaque grille a son code")
    with stage.step(
        "keyed_from_paper", "Deux grilles saisies par leur code, relues d'après le scan par l'autre membre"
    ):
        for home, code in zip(both, codes, strict=True):
            _found(stage, home, code)
            _keyed(stage, home, online)
            _read_twice(stage, home, online)
    with stage.step("same_sheet", "Leur fiche est celle d'une saisie en ligne, sauf la manière dont elle a été saisie"):
        for home in both:
            _same_but_for_its_way(online, _signed(stage, home))


def _convened(stage: Stage, rank: int) -> str:
    """Makes one classmate hand in, and convenes the two professors; returns the path of the commission."""
    office, candidacy = stage.people["office"], stage.known["classmates"][rank]
    path = f"/candidacies/{candidacy}"
    follower, second = stage.known["moreau"]["id"], stage.known["petit"]["id"]
    office.act(f"{path}/followers", office.get(path), method="PUT", followers=[follower])
    candidate, home = stage.enter(f"classmate {rank}", ADDRESSES[rank]), f"/portfolios/{candidacy}"
    candidate.act(f"{home}/submit", candidate.get(home), without_drafts=False)
    meets_at = stage.dates.meets_at(stage.zone) + timedelta(hours=1 + rank)
    when = {"meets_at": meets_at.isoformat(), "place": "Salle B 204", "mode": "together", "confirmed": True}
    members = {"professor": follower, "second": second, "tutor_absence": ABSENT}
    return f"/commissions/{office.create(f'{path}/commissions', **members, **when)['id']}"


def _printed(stage: Stage, home: str, rank: int) -> str:
    """Prints the dossier and the blank grid; returns the code on the grid."""
    member = stage.people["moreau"]
    member.ask(f"{home}/dossier")
    eventually(lambda: member.get(f"{home}/dossier")["dossier"]["ready_at"], "le dossier se prépare en arrière-plan")
    url = member.ask(f"{home}/dossier/link")["url"]
    dossier, grid = httpx.get(url, timeout=PATIENCE_S).content, member.download(f"{home}/blank-grid.pdf")
    expect(dossier.startswith(b"%PDF-") and grid.startswith(b"%PDF-"), "le dossier et la grille sont des PDF")
    if not rank:
        stage.leave("dossier.pdf", dossier)
        stage.leave("blank-grid.pdf", grid)
    found = CODE.findall("\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(grid)))
    expect(found, "la grille porte son code")
    return str(found[0])


def _found(stage: Stage, home: str, code: str) -> None:
    """The code that is typed leads to the commission, and to no other."""
    person = stage.people["moreau"]
    answer = person.http.get(f"{stage.address}/commissions", params={"code": code.lower()}, follow_redirects=False)
    expect(home in answer.headers.get("Location", ""), f"le code {code} mène à sa commission")


def _keyed(stage: Stage, home: str, online: Any) -> None:
    """Records the meeting, deposits the scan and keys what was written, as the online sheet says it."""
    member, commission = stage.people["moreau"], stage.people["moreau"].get(home)
    both = [seat["person"] for seat in commission["seats"]]
    held = {"held_at": stage.began.isoformat(), "place": "Salle B 204", "present": both, "on_paper": True}
    member.act(f"{home}/meeting", commission, **held, confirmed=True)
    member.refused(409, "no_grid_scan", "GET", f"{home}/grid-scan")
    scan = member.download(f"{home}/blank-grid.pdf")
    member.send(f"{home}/grid-scans/{hashlib.sha256(scan).hexdigest()}", scan)
    (grid,) = member.get(f"{home}/grids")["items"]
    candidacy = commission["candidacy"]
    read = {"degrees": _degrees(online), "observations": _observations(online)}
    member.act(f"/grids/{grid['id']}", grid, method="PATCH", candidacy=candidacy, **read)
    written = {"appreciation": online["appreciation"], "proposed_mark": online["mark"]["proposed"]}
    member.act(f"{home}/assessment", member.get(f"{home}/assessment"), method="PATCH", candidacy=candidacy, **written)


def _read_twice(stage: Stage, home: str, online: Any) -> None:
    keyer, reader = stage.people["moreau"], stage.people["petit"]
    path, alike = f"{home}/grid-scan", {"degrees": _degrees(online), "mark": online["mark"]["proposed"]}
    keyer.refused(409, "paper_not_read_again", "POST", f"{home}/sheet")
    keyer.act(f"{path}/keyed", keyer.get(path))
    keyer.refused(
        409, "paper_read_by_who_keyed_it", "POST", f"{path}/reading", keyer.get(path), **alike, words_match=True
    )
    slip = alike | {"mark": "9", "words_match": True}
    problem = reader.refused(422, "paper_reading_differs", "POST", f"{path}/reading", reader.get(path), **slip)
    expect(list(problem["errors"]) == ["mark"], "seule la note diffère, et elle n'est pas redite")
    reader.act(f"{path}/reading", reader.get(path), **alike, words_match=True)


def _signed(stage: Stage, home: str) -> Any:
    """Draws up the sheet, which both sign; returns its content."""
    sheet = stage.people["moreau"].create(f"{home}/sheet")
    path = f"/sheets/{sheet['id']}"
    for member in (stage.people["moreau"], stage.people["petit"]):
        agreed = {"digest": sheet["digest"], "password": member.password, "confirmed": True}
        sheet = member.act(f"{path}/sign", member.get(path), **agreed)
    expect(sheet["state"] == "proposed", "deux signatures : la fiche est proposée")
    stage.leave("sheet-from-paper.pdf", stage.people["moreau"].download(f"{path}.pdf"))
    return json.loads(stage.people["moreau"].download(f"{path}.json"))


def _same_but_for_its_way(online: Any, paper: Any) -> None:
    expect(set(paper) == set(online), "les mêmes rubriques")
    for name in ("appreciation", "mark"):
        expect(paper[name] == online[name], f"{name} : comme en ligne")
    rows = [[(row["code"], row["degree"], row["observation"]) for row in of["grid"]["rows"]] for of in (online, paper)]
    expect(rows[0] == rows[1], "les mêmes degrés et observations")
    ways = [of["commission"].get("way", "") for of in (online, paper)]
    expect(not ways[0] and ways[1].startswith("saisie d'après papier"), f"la fiche dit sa saisie : {ways}")


def _degrees(online: Any) -> dict[str, str]:
    return {row["code"]: row["degree"]["code"] for row in online["grid"]["rows"]}


def _observations(online: Any) -> dict[str, str]:
    return {row["code"]: row["observation"] for row in online["grid"]["rows"] if row["observation"]}
