"""Names the signs of fonts of symbols, whose letters are drawings: « ✓ » for the letter FC of Wingdings."""

from __future__ import annotations

_WINGDINGS = {
    0x22: "✂", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x46: "☞", 0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "☐",
    0x71: "☐", 0x75: "◆", 0x76: "❖", 0x77: "◆", 0x9F: "•", 0xA0: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢",
    0xE0: "→", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x97: "●"}
_SYMBOL = {
    0xB7: "•", 0xAE: "→", 0xAC: "←", 0xAD: "↑", 0xAF: "↓", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xB1: "±", 0xB4: "×",
    0xB8: "÷", 0xA5: "∞", 0xA0: "€", 0xDE: "⇒", 0x61: "α", 0x62: "β", 0x67: "γ", 0x64: "δ", 0x44: "Δ", 0x53: "Σ",
    0x73: "σ", 0x6D: "µ", 0x70: "π", 0x71: "θ", 0x6C: "λ", 0x57: "Ω", 0x77: "ω", 0xD6: "√", 0xC5: "⊕", 0xBC: "…",
}  # fmt: skip
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOL}
_PRIVATE = range(0xF000, 0xF100)  # where Windows puts the letters of such fonts
UNKNOWN = "▯"


def sign_of(font: str, code: int) -> str:
    """Returns the sign that a font of symbols draws for a letter; of another font, the letter itself; UNKNOWN for one
    that has no name here. code: of the letter.
    """
    letters = _FONTS.get(font.strip().casefold())
    if letters is not None:
        return letters.get(code & 0xFF, UNKNOWN)
    if code in _PRIVATE:
        return UNKNOWN
    return chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else UNKNOWN
