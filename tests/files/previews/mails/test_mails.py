"""What the page shows of a mail is what the mail says, whatever program wrote it."""

from __future__ import annotations

import resource
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from portfolio.files.previews.preview_spec import MailView
from portfolio.files.previews.renderers import messages
from portfolio.files.previews.renderers.mails import internet_mail
from tests.files.previews.drawn import outline


def computed_s() -> float:
    """Seconds of a processor, by every child that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


HEAD = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Suivi\r\nMIME-Version: 1.0\r\n"


def shown(mail: EmailMessage | MIMEMultipart | bytes) -> MailView:
    (view,) = outline(mail if isinstance(mail, bytes) else mail.as_bytes(), "eml").messages
    return view


def text_of(mail: EmailMessage | MIMEMultipart | bytes) -> str:
    return shown(mail)["text"].strip()


# --- words --------------------------------------------------------------------------------------------


def test_a_line_that_begins_with_from_stays_in_its_mail() -> None:
    body = b"Bonjour,\r\n\r\nFrom our side the file is complete.\r\n\r\nTo: dossier 4521\r\n\r\nIn\xc3\xa8s"
    assert (
        text_of(HEAD + b"\r\n" + body) == "Bonjour,\n\nFrom our side the file is complete.\n\nTo: dossier 4521\n\nInès"
    )


def test_a_mail_saved_with_the_line_of_its_box_has_all_its_headers() -> None:
    view = shown(b"From a@b.example Mon Nov 30 09:00:00 2026\r\n" + HEAD + b"\r\nBonjour")
    assert view["headers"][0] == ["De", "a@b.example"] and view["text"] == "Bonjour"


def test_a_box_is_cut_before_a_line_of_its_own_and_nowhere_else() -> None:
    box = (
        b"From a@b.example Mon Nov 30 09:00:00 2026\n" + HEAD.replace(b"\r", b"") + b"\nUn.\n\nFrom there, nothing.\n"
        b">From the start.\n\nFrom c@d.example Tue Dec  1 09:00:00 2026\nFrom: c@d.example\nSubject: Deux\n\nDeux.\n"
    )
    first, second = outline(box, "mbox").messages
    assert first["text"].strip() == "Un.\n\nFrom there, nothing.\nFrom the start."
    assert second["headers"] == [["De", "c@d.example"], ["Objet", "Deux"]]


def test_a_box_of_more_mails_than_are_shown_says_how_many_it_holds() -> None:
    view = outline(b"From a@b.example Mon\nFrom: a@b.example\nSubject: S\n\nMot\n\n" * 23, "mbox")
    assert len(view.messages) == 20
    assert view.notes == ["Seuls les 20 premiers messages de cette boîte, qui en contient 23, sont montrés."]


@pytest.mark.parametrize("how", ["utf-8-sig", "utf-16", "\r", "no header"])
def test_a_box_that_another_program_saved_again_is_shown(how: str) -> None:
    box = "From a@b.example Mon\nFrom: a@b.example\nSubject: Un\n\nVérifié.\n\n"
    box += "From c@d.example Tue\nFrom: c@d.example\n\n2\n"
    if how == "\r":
        saved = box.replace("\n", "\r").encode()
    elif how == "no header":
        saved = box.partition("\n\nFrom c")[0].replace("\nFrom:", "\n\nFrom:").encode()
    else:
        saved = box.encode(how)
    first, *others = outline(saved, "mbox").messages
    assert "Vérifié." in first["text"]
    assert len(others) == (how != "no header")


# --- which part is the body ----------------------------------------------------------------------------


def _alternative(plain: str, html: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@b.example", "Offre"
    mail.set_content(plain)
    mail.add_alternative(html, subtype="html")
    return mail


def test_a_text_that_only_says_to_use_another_reader_gives_way_to_the_html() -> None:
    view = shown(_alternative("Votre messagerie ne lit pas le HTML.", "<h1>Offre Auto</h1><p>Prime 30 EUR / mois.</p>"))
    assert view["text"] == "Offre Auto\nPrime 30 EUR / mois." and view["notes"] == [messages.OTHER_FORM]


def test_of_two_forms_that_say_the_same_the_plain_one_is_shown_without_a_word() -> None:
    view = shown(_alternative("Prime :\n  30 EUR par mois\n", "<b>Prime :</b> 30 EUR par mois"))
    assert view["text"] == "Prime :\n  30 EUR par mois\n" and view["notes"] == []


def test_every_text_between_attachments_is_shown() -> None:
    mail = MIMEMultipart()
    mail["From"], mail["Subject"] = "a@b.example", "Photos"
    for words in ("Avant la photo", "Après la photo"):
        mail.attach(MIMEText(words))
    assert text_of(mail) == "Avant la photo\n\nAprès la photo"


def test_an_attached_message_is_shown_like_any() -> None:
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "client@x.example", "a@b.example", "Mon sinistre"
    inner.set_content("Je déclare un dégât des eaux.")
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@b.example", "TR: dossier"
    mail.set_content("Voir ci-joint.")
    mail.add_attachment(inner)
    view = shown(mail)
    assert (view["text"].strip(), view["attached"]) == ("Voir ci-joint.", [])
    (joined,) = view["messages"]
    assert joined["text"].strip() == "Je déclare un dégât des eaux."
    assert joined["headers"] == [["De", "client@x.example"], ["À", "a@b.example"], ["Objet", "Mon sinistre"]]


@pytest.mark.parametrize(
    "declared,used",
    [("B", "B"), ('"a b"', "a b"), ('"B  "', "B"), ("B", "autre"), ("", "autre"), ('"=_(x)+.?*"', "=_(x)+.?*")],
)
def test_parts_are_found_by_odd_and_wrong_boundaries(declared: str, used: str) -> None:
    kind = f"Content-Type: multipart/mixed; boundary={declared}\r\n\r\n" if declared else (
        "Content-Type: multipart/mixed\r\n\r\n"
    )  # fmt: skip
    body = (
        f"préambule\r\n--{used}  \r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDégât.\r\n--{used}-- \r\népilogue"
    )
    assert text_of(HEAD + (kind + body).encode()) == "Dégât."


def test_a_boundary_that_is_never_closed_or_stands_in_a_line_loses_nothing() -> None:
    kind = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
    assert text_of(HEAD + kind + b"--B\r\n\r\nUn --B\r\n--Bis\r\n--B\r\n\r\nDeux") == "Un --B\n--Bis\n\nDeux"


def test_parts_that_nothing_separates_are_shown_as_they_are_written() -> None:
    view = shown(HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\nBonjour")
    assert (view["text"], view["notes"]) == ("Bonjour", [internet_mail.UNDIVIDED])


# --- invitations, encrypted and empty mails ----------------------------------------------------------------

_EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\n"
    "DTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n"
    "SUMMARY:Rendez-vous\\, sinis\r\n tre\r\nDTSTART:20261201T090000Z\r\n"
    'DTEND;TZID=Europe/Paris:20261201T103000\r\nLOCATION:Agence\r\nORGANIZER;CN="Zoé: D.":mailto:zoe@b.example\r\n'
    "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:c@d.example\r\nDESCRIPTION:Apporter\\nle constat\r\nBEGIN:VALARM\r\n"
    "DESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_an_invitation_says_what_when_where_and_who() -> None:
    mail = HEAD + b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + _EVENT.encode()
    assert text_of(mail).splitlines() == [
        "Invitation",
        "Objet : Rendez-vous, sinistre",
        "Début : 01/12/2026 à 10 h 00 (heure de Paris)",
        "Fin : 01/12/2026 à 10 h 30 (heure de Paris)",
        "Lieu : Agence",
        "Organisé par : Zoé: D. <zoe@b.example>",
        "Invités : c@d.example (accepte)",
        "Apporter",
        "le constat",
    ]


def test_an_invitation_that_says_little_is_shown_too() -> None:
    event = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sinistre\nDTSTART;VALUE=DATE:20261201\nEND:VEVENT\nEND:VCALENDAR\n"
    words = text_of(HEAD + b"Content-Type: text/calendar\n\n" + event)
    assert words.splitlines() == ["Rendez-vous", "Objet : Sinistre", "Début : 01/12/2026"]


def test_an_invitation_beside_a_text_is_shown_after_it() -> None:
    mail = _alternative("Réunion demain", "<p>Réunion demain</p>")
    mail.add_alternative(_EVENT, subtype="calendar")
    view = shown(mail)
    assert view["text"].startswith("Réunion demain\n\n\nInvitation\nObjet : Rendez-vous, sinistre")


def test_an_encrypted_mail_says_so_and_a_signed_one_is_read() -> None:
    sealed = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nMII="
    view = shown(HEAD + sealed)
    assert (view["text"], view["notes"], view["attached"]) == ("", [internet_mail.ENCRYPTED], ["smime.p7m"])
    signed = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=B\r\n\r\n--B\r\n\r\n'
        b"Bonjour\r\n--B\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMII=\r\n--B--"
    )
    view = shown(HEAD + signed)
    assert (view["text"], view["notes"], view["attached"]) == ("Bonjour", [internet_mail.SIGNED], [])


def test_a_mail_without_words_says_what_it_is_made_of() -> None:
    assert shown(HEAD + b"\r\n")["notes"] == [messages.NO_WORDS]
    picture = b'Content-Type: text/html\r\n\r\n<img src="https://x.example/devis.png">'
    assert shown(HEAD + picture)["notes"] == [messages.ONLY_PICTURES]
    attached = b"Content-Type: application/pdf; name*=utf-8''D%C3%A9gat.pdf\r\n\r\n%PDF"
    view = shown(HEAD + attached)
    assert view["attached"] == ["Dégat.pdf"]
    assert view["notes"] == ["Ce message n'a pas de texte, seulement 1 pièce jointe."]


# --- bounds ----------------------------------------------------------------------------------------------


def test_of_sixty_thousand_recipients_the_first_are_shown_with_a_count() -> None:
    people = b",".join(b'"Dupont, U" <u%d@d.example>' % number for number in range(60_000))
    view = shown(b"From: a@b.example\r\nTo: " + people + b"\r\nSubject: Tous\r\n\r\nBonjour")
    value = dict(view["headers"])["À"]
    assert value.startswith('"Dupont, U" <u0@d.example>, "Dupont, U" <u1@d.example>')
    assert value.endswith("<u49@d.example>, et 59\u00a0950 autres") and view["text"] == "Bonjour"


_NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(5000))


@pytest.mark.parametrize(
    "hostile",
    [
        HEAD + _NESTED + b"\nfin",
        HEAD + b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\n\nx\n" * 200_000,
        HEAD + b"Content-Type: message/rfc822\n\n" * 50_000,
        b"A: b\n" * 1_000_000 + b"\nfin",
        b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nfin",
        b"From: a\nTo: " + b"\n ," * 500_000 + b"\n\nfin",
        b"From: a\nTo: " + b'"\\' * 500_000 + b"\n\nfin",
        HEAD + b"Content-Type: text/plain; " + b'a="b;' * 200_000 + b"\n\nfin",
        HEAD + b"Content-Type: multipart/mixed; boundary=" + b"-" * 60_000 + b"\n\n" + b"-" * 2_000_000,
        HEAD + b"Content-Type: text/calendar\n\nBEGIN:VEVENT\n" + b"ATTENDEE;CN=\":" * 100_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<meta charset=" * 200_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<!--" * 200_000,
    ],
)  # fmt: skip
def test_a_mail_made_to_take_time_is_read_or_refused_soon(hostile: bytes) -> None:
    before = computed_s()
    outline(hostile, "eml")
    assert computed_s() - before < 4
