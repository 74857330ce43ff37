"""Finds which device made or sent something: its model, its IMEI, its MAC address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stdnum import luhn

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_BRANDS: Final = (
    r"iphone|ipad|ipod|macbook|imac|apple|samsung|galaxy|google|pixel|huawei|honor|xiaomi|redmi|poco|oppo"
    r"|realme|oneplus|vivo|sony|xperia|canon|eos|nikon"
    r"|coolpix|panasonic|lumix|gopro|olympus|fujifilm|fuji|leica|pentax|ricoh|kodak|dji|hp|hewlett|epson"
    r"|brother|xerox|lexmark|konica|kyocera|fujitsu|dell|latitude"
    r"|lenovo|thinkpad|asus|acer|toshiba|surface|microsoft surface|motorola|moto|nokia|fairphone|wiko"
    r"|crosscall|alcatel|htc|lg|zte|tcl|nothing|garmin|insta360|logitech"
)
_MODEL: Final = r"[\w\-+.]{1,24}(?:[ ]\([^()\n]{1,30}\)|[ ][\w\-+.]{1,24}){0,5}"
_BRANDED = re.compile(
    rf"(?<!\w)(?:{_BRANDS})(?![a-zà-ÿ])(?:[ \-](?:\([^()\n]{{1,30}}\)|[\w\-+.]{{1,24}})){{0,6}}", re.IGNORECASE
)
_CODE = re.compile(
    r"(?<!\w)(?:SM|GT|DMC|DSC|DC|CPH|RMX|ELE|VOG|LYA|MAR|ANE|POT|STK|M2\d{3}"
    r"|2\d{3})-?[A-Z]?[A-Z0-9]{3,10}(?:-[A-Z0-9]{1,6})?(?!\w)"
)
_CALLED: Final = re.compile(
    r"appareil|(?<!\w)mod[èe]le?[ ]?[:=|]|\bmake\b|cam[ée]ra|bo[îi]tier|num[ée]ris[ée]|scann|pris(?:e"
    r"|es)? (?:avec|par|au)|avec$|\bavec [a-z]{0,6} ?$|device|poste\b|publi[ée]|connect|connexion"
    r"|cr[ée]ation|cr[ée][ée]|user-agent|terminal|t[ée]l[ée]phone utilis|mat[ée]riel|depuis|imprim"
    r"|ordinateur|smartphone|tablette|marque|enregistr|captur|film[ée]|photographi[ée] (?:avec|par)|source"
)
_SENT_FROM = re.compile(
    r"(?:envoy[ée]e?|sent|exp[ée]di[ée]e?|gesendet|t[ée]l[ée]charg[ée])[ ](?:de|depuis|à partir de|avec"
    r"|from|via|par)[ ](?:mon|my|un|une|l['’]application[^\n]{0,30}pour|outlook[^\n]{0,20}(?:pour"
    r"|for))[ ]([^\n.]{2,60})",
    re.IGNORECASE,
)
_INSURED: Final = re.compile(
    r"cass[ée]|vol[ée]e?\b|assur[ée]|objet|facture|valeur|achet|achat|sinistr|r[ée]par|remplac|perdu"
    r"|tomb[ée]|[ée]cran|prix|garantie|[ée]lectrom[ée]nager|neuf|bien\b|disparu|endommag|d[ée]rob"
)
_IMEI = re.compile(r"(?<![\w])(?<!\d[ \-])\d{2}[ \-]?\d{6}[ \-]?\d{6}[ \-]?\d(?!\w)")
_MAC = re.compile(r"(?<![\w:\-])[0-9A-Fa-f]{2}([:\-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:\-])")
_UNKNOWN: Final = re.compile(r"inconnu|non renseign|outlook|courrier|gmail|thunderbird", re.IGNORECASE)


def devices(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields devices that made or sent what is read; none that is insured, broken or sold."""
    text = around.text
    for match in _MAC.finditer(text):
        yield PersonalValue("device", match.start(), match.end())
    for match in _IMEI.finditer(text):
        if "imei" in around.label(match.start(), 30) and luhn.is_valid(re.sub(r"\D", "", match[0])):
            yield PersonalValue("device", match.start(), match.end())
    for match in _SENT_FROM.finditer(text):
        if not _UNKNOWN.search(match[1]):
            yield PersonalValue("device", match.start(1), match.start(1) + len(match[1].rstrip()))
    for pattern in (_BRANDED, _CODE):
        for match in pattern.finditer(text):
            if _made_it(around, match):
                yield PersonalValue("device", match.start(), match.end())


def _made_it(around: Surroundings, match: re.Match[str]) -> bool:
    label = around.label(match.start(), 44)
    if (
        _INSURED.search(label)
        or _INSURED.search(around.after(match.end(), 30).lower())
        or _INSURED.search(match[0].lower())
    ):
        return False
    return _CALLED.search(label) is not None
