"""Bodies with commands in angle brackets, of mail programs before HTML (RFC 1896, RFC 1341)."""

from __future__ import annotations

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from tests.files.previews.drawn import rendered
from tests.files.previews.mails.test_mails import HEAD, shown, text_of

ENRICHED = (
    "<bold>Sinistre</bold> déclaré\r\nle 3 mars.\r\n\r\n"
    "<color><param>red</param>Franchise</color> << 200 €\r\n\r\n\r\n"
    "<nofill>a  1\r\nb  2</nofill><comment>brouillon</comment>"
)
WORDS = "Sinistre déclaré le 3 mars.\nFranchise < 200 €\na 1\nb 2"


def enriched(words: str = ENRICHED, kind: str = "enriched") -> bytes:
    return HEAD + f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{words}".encode()


def test_an_enriched_body_is_its_words_without_its_commands() -> None:
    view = shown(enriched())
    assert view["text"] == WORDS and view["notes"] == [] and view["has_layout"]


def test_its_layout_is_that_of_its_commands() -> None:
    page = rendered(enriched(), "eml", "layout-1").decode()
    assert "<b>Sinistre</b> déclaré le 3 mars.<br>Franchise &lt; 200 €<br><br>a  1<br>b  2" in page


def test_markup_in_an_enriched_body_is_words() -> None:
    page = rendered(enriched("<<script>alert(1)<</script> & <script>x</script>"), "eml", "layout-1").decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; x" in page and "<script" not in page


def test_an_older_rich_text_has_its_own_signs() -> None:
    assert text_of(enriched("Prime\r\n<lt> 200 €<nl>par <italic>an</italic>", "richtext")) == "Prime < 200 €\npar an"


def test_one_body_in_two_forms_is_shown_once() -> None:
    mail = MIMEMultipart("alternative")
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "Suivi"
    mail.attach(MIMEText("Sinistre déclaré le 3 mars.", "plain", "utf-8"))
    mail.attach(MIMEText("<bold>Sinistre</bold> déclaré le 3 mars.", "enriched", "utf-8"))
    assert text_of(mail) == "Sinistre déclaré le 3 mars."
