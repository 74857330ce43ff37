"""Small real files that the journey's candidate deposits."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import openpyxl
import typst

LETTER = """#set document(title: "Lettre de relance")
#set text(lang: "fr")
= Relance avant mise en demeure
Madame, Monsieur,

Sauf erreur de notre part, votre dernière cotisation reste impayée. Merci de régulariser sous quinze jours.
"""


def letter() -> bytes:
    return typst.compile(LETTER.encode(), format="pdf")


def tracking_table(due: date) -> bytes:
    """A workbook with formulas: premiums overdue since that day, anonymised."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Impayés"
    sheet.append(["Dossier", "Échéance", "Montant", "Relances"])
    for rank in range(1, 21):
        sheet.append([f"D-{rank:03d}", due, 40 + 7 * rank, rank % 3])
    sheet["F1"], sheet["F2"] = "Total", "=SUM(C2:C21)"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def message(sent: date) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "agence@mutuelle-fictive.example", "societaire@client.example"
    mail["Subject"], mail["Message-ID"] = "Votre espace client", "<1@mutuelle-fictive.example>"
    mail["Date"] = format_datetime(datetime.combine(sent, time(10, 12), ZoneInfo("Europe/Paris")))
    mail.set_content("Bonjour,\n\nVous pouvez désormais déclarer un sinistre depuis votre espace client.\n")
    return mail.as_bytes()
