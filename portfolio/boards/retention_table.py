"""Draws how long what is stored is kept, in French, for a data protection officer. Pure."""

from __future__ import annotations

from portfolio.boards.stored_fields import stored_fields

_HEAD = """\
# Durées de conservation

Table tirée de `config/stored_fields.yaml` par `python commands.py retention` : un essai la tient à jour, d'autres
vérifient que le service s'y tient. Chaque champ, un à un : [stored-fields.md](../reference/stored-fields.md). Les
nombres sont ceux des champs qui disent quelque chose d'une personne, et de tous les champs.

Un portfolio se garde le temps que dit la circulaire, à compter de la publication du résultat. Celui d'un candidat qui a
abandonné, ou qui passe l'épreuve sous forme ponctuelle, n'a pas de résultat publié ici : il se garde à compter de la
publication des résultats de la même épreuve et de la même session.

"""


def retention_as_markdown() -> str:
    """Returns the document in Markdown: one table for each duration, in the order of config/stored_fields.yaml. Raises
    InvalidDataFile.
    """
    table = stored_fields()
    lines = []
    for code, words in table.words["kept"].items():
        names = [name for name in table.called if any(stored.kept == code for stored in table.kinds[name].values())]
        if names:
            lines += [f"## {words[0].upper()}{words[1:]}", "", "| données | champs personnels |", "| --- | --- |"]
            lines += [f"| {table.called[name]} | {_personal(name, code)} |" for name in names] + [""]
    return _HEAD + "\n".join(lines)


def _personal(name: str, code: str) -> str:
    """Returns « 3 sur 5 »: how many of the fields of a class kept for this duration (code) are personal. name: of the
    class.
    """
    fields = [stored for stored in stored_fields().kinds[name].values() if stored.kept == code]
    return f"{sum(stored.personal for stored in fields)} sur {len(fields)}"
