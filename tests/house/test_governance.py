"""What the documents of governance state of the service is what its code does."""

from __future__ import annotations

import re
from pathlib import Path

from portfolio.documents.people import Role
from tests.security.table import ASVS

ROOT = Path(__file__).parents[2]
GOVERNANCE = ROOT / "docs" / "governance"
REGISTER = (GOVERNANCE / "registre-des-traitements.md").read_text()
# How the table of recipients names the holders of each role.
RECIPIENTS = {
    Role.CANDIDATE: "le candidat",
    Role.TUTOR: "le tuteur",
    Role.TEACHER: "les professeurs de la section",
    Role.OFFICE: "le secrétariat de l'établissement",
    Role.JURY: "le jury",
    Role.EXAM_SERVICE: "le service des examens",
    Role.INSPECTOR: "l'inspection",
    Role.SUPPORT: "l'assistance",
    Role.ADMINISTRATOR: "l'administrateur",
}


def test_every_role_is_a_recipient_of_its_own() -> None:
    assert RECIPIENTS.keys() == set(Role)
    for words in RECIPIENTS.values():
        assert re.search(rf"^\| {words} \| \S", REGISTER, re.MULTILINE), words


def test_nothing_outside_is_called_but_a_time_stamping_authority_and_an_antivirus() -> None:
    """« Transferts hors de l'Union européenne » : what speaks to the database, the store and the relay has its own."""
    calls = re.compile(r"\burlopen\(|^\s*(?:import|from) (?:requests|httpx|aiohttp|urllib3|socket)\b", re.MULTILINE)
    found = [path for room in ("portfolio", "api", "web") for path in (ROOT / room).rglob("*.py")]
    calling = {str(path.relative_to(ROOT)) for path in found if calls.search(path.read_text())}
    assert calling == {"portfolio/audit/timestamps.py", "portfolio/files/malware.py"}
    told = "il n'appelle que sa base, son stockage, son relais de courriel"
    assert f"{told} et, s'ils sont réglés, un horodatage et un antivirus" in REGISTER


def test_the_count_of_requirements_is_that_of_the_table() -> None:
    (told,) = re.findall(r"(\d+) exigences de l'OWASP ASVS", (GOVERNANCE / "homologation-rgs.md").read_text())
    assert int(told) == len(re.findall(r"^\| *V?\d+\.\d+\.\d+ ", ASVS.read_text(), re.MULTILINE))


def test_the_blanks_are_marked_alike() -> None:
    for document in GOVERNANCE.glob("*.md"):
        for blank in re.findall(r"\[[^\]]*(?:COMPL|compl)[^\]]*\](?!\()", document.read_text()):
            assert blank.startswith("[À COMPLÉTER"), (document.name, blank)
