"""Names the signs of fonts of symbols, whose letters are drawings: « ✓ » for the letter FC of Wingdings."""

from __future__ import annotations

UNKNOWN = "▯"


def _from(first: int, signs: str) -> dict[int, str]:
    """Returns the signs by their letters, which follow each other."""
    return dict(enumerate(signs, first))


_WINGDINGS = (
    _from(
        0x20,
        " ✏✂✁👓🔔📖🕯☎✆✉✉📪📫📬📭📁📂📄📄📄🗄⌛⌨🖱🖲🖥🖴💾💾✇✍✍✌👌👍👎☜☞☝☟✋☺😐☹💣☠⚐⚑✈☼💧❄✝✞✝✠✡☪☯ॐ☸♈♉♊♋♌♍♎♏♐♑♒♓&&"
        "●❍■☐❐☐❒⬧⧫◆❖◆⌧⮹⌘❀✿❝❞",
    )
    | _from(0x80, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿▯▯▯▯▯▯▯▯·••○○○◉◎▯▪☐▯✦★✶✴✹✵▯▯▯▯▯✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛")
    | _from(0xD5, "⌫⌦▯➢▯▯▯▯▯▯←→↑↓↖↗↙↘←➔↑↓↖↗↙↘⇦⇨⇧⇩⇔⇳⬁⬀⬃⬂▭▫✗✓☒☑")
)
_WINGDINGS_2 = {0x20: " ", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x97: "●"}
_WINGDINGS_3 = {0x20: " ", 0x70: "▲", 0x71: "▼", 0x72: "△", 0x73: "▽", 0x74: "◀", 0x75: "▶"}
_WEBDINGS = {0x20: " ", 0x61: "✔", 0x63: "□", 0x67: "■", 0x6E: "●", 0x72: "✖"}
_SYMBOL = (
    _from(0x20, " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼")
    | _from(0xA0, "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑")
    | {0xF1: "〉", 0xF2: "∫"}
)
_FONTS = {
    "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "wingdings 3": _WINGDINGS_3, "webdings": _WEBDINGS,
    "symbol": _SYMBOL,
}  # fmt: skip
PRIVATE = range(0xF000, 0xF100)  # where Windows puts the letters of such fonts
_DRAWN = frozenset((*range(0x20, 0x100), *PRIVATE))


def sign_of(font: str, code: int) -> str:
    """Returns the sign that a font of symbols draws for a letter; of another font, the letter itself; UNKNOWN for one
    that has no name here. code: of the letter.
    """
    letters = _FONTS.get(_name(font))
    if letters is not None:
        return letters.get(code & 0xFF, UNKNOWN)
    if code in PRIVATE:
        return UNKNOWN
    return chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else UNKNOWN


def is_symbols(font: str) -> bool:
    """Returns whether a font of this name draws signs for letters, which have names here."""
    return _name(font) in _FONTS


def _name(font: str) -> str:
    return font.strip(" '\"").casefold()


def in_signs(font: str, text: str) -> str:
    """Returns a text as its font draws it: in signs, if it is one of symbols; unchanged by any other."""
    if not is_symbols(font):
        return text
    return "".join(sign_of(font, ord(sign)) if ord(sign) in _DRAWN else sign for sign in text)
