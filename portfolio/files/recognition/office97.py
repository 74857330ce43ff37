"""Recognises Outlook messages and the Office formats of 1997-2003 ([MS-OXMSG], [MS-DOC], [MS-XLS], [MS-PPT])."""

from __future__ import annotations

import re
import struct

from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.ole import Compound, OleEntry, Torn
from portfolio.rules.file_kinds import (
    KINDS,
    EncryptedFile,
    FormatMatch,
    MacrosInFile,
    ProgramRefused,
    TornFile,
    UnknownType,
)

_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # Windows Installer, as stored
_MACRO_STORAGES = {"macros", "vba", "_vba_project", "_vba_project_cur"}
# What stands directly under the root tells the format.
_MARKS = (
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)
_INSTEAD = {"doc": ".docx", "xls": ".xlsx", "ppt": ".pptx"}
_BIFF_GLOBALS = 1 << 20  # the sheets are listed before the long table of strings
_FILEPASS, _BOUNDSHEET, _END = 0x2F, 0x85, 0x0A
_LARGEST_PRESENTATION = 64 << 20
# Headers of the container and of its atom, any reference, then fHasMacros.
_VBA_INFO = re.compile(rb"\x1f\0\xff\x03\x14\0{3}\x02\0\0\x04\x0c\0{3}.{4}\x01\0{3}", re.DOTALL)
_PPT_ENCRYPTED = bytes.fromhex("dfc4d1f3")


def compound(window: Window, _extension: str) -> FormatMatch:
    """Returns the kind of an OLE compound file, and warnings. Raises TornFile, EncryptedFile, MacrosInFile,
    ProgramRefused, UnknownType.
    """
    try:
        return _recognise(Compound(window))
    except Torn:
        raise TornFile("fichier Office 97-2003 ou message Outlook") from None


def _recognise(file: Compound) -> FormatMatch:
    top = file.top()
    if "EncryptedPackage" in top:
        raise EncryptedFile  # [MS-OFFCRYPTO]: a modern document inside an OLE envelope
    if file.root.clsid == _INSTALLER:
        raise ProgramRefused
    code = next((code for name, code in _MARKS if name in top), None)
    if code is None:
        raise UnknownType("un fichier de Microsoft Office ou de Windows d'une autre sorte")
    if code == "msg":
        return FormatMatch(code)
    if any(entry.name.casefold() in _MACRO_STORAGES for entry in file.entries):
        raise MacrosInFile(_INSTEAD[code])
    return _CHECKS[code](file, top)


def _doc(file: Compound, top: dict[str, OleEntry]) -> FormatMatch:
    """Returns the match of a .doc, by bit fEncrypted of the flags in FibBase ([MS-DOC] 2.5.2). Raises EncryptedFile,
    TornFile.
    """
    start = file.read(top["WordDocument"], 12)
    if len(start) < 12:
        raise TornFile(KINDS["doc"].label_fr)
    if start[11] & 0x01:
        raise EncryptedFile
    return FormatMatch("doc")


def _xls(file: Compound, top: dict[str, OleEntry]) -> FormatMatch:
    """Returns the match of an .xls, with `hidden_sheets` if it has some, by the globals of the workbook ([MS-XLS] 2.4).
    Raises EncryptedFile where there is a FilePass, MacrosInFile where a BoundSheet is a macro sheet.
    """
    data = file.read(top.get("Workbook") or top["Book"], _BIFF_GLOBALS)
    at, hidden = 0, False
    while at + 4 <= len(data):
        record, length = struct.unpack_from("<HH", data, at)
        if record == _FILEPASS:
            raise EncryptedFile
        if record == _BOUNDSHEET and at + 10 <= len(data):
            state, sheet = data[at + 8] & 3, data[at + 9]
            if sheet == 1:
                raise MacrosInFile(_INSTEAD["xls"])
            hidden = hidden or state != 0
        if record == _END:
            break
        at += 4 + length
    return FormatMatch("xls", ("hidden_sheets",) if hidden else ())


def _ppt(file: Compound, top: dict[str, OleEntry]) -> FormatMatch:
    """Returns the match of a .ppt. Raises EncryptedFile by CurrentUserAtom ([MS-PPT] 2.3.2), MacrosInFile by
    VbaInfoAtom (fHasMacros, 2.4.10).
    """
    if "EncryptedSummary" in top:
        raise EncryptedFile
    user = top.get("Current User")
    if user and file.read(user, 16)[12:16] == _PPT_ENCRYPTED:
        raise EncryptedFile
    if _presentation_has_macros(file, top["PowerPoint Document"]):
        raise MacrosInFile(_INSTEAD["ppt"])
    return FormatMatch("ppt")


def _presentation_has_macros(file: Compound, document: OleEntry) -> bool:
    kept = b""
    for piece in file.pieces(document, _LARGEST_PRESENTATION):
        data = kept + piece
        if _VBA_INFO.search(data):
            return True
        kept = data[-24:]
    return False


_CHECKS = {"doc": _doc, "xls": _xls, "ppt": _ppt}
