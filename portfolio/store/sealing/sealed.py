"""What is said of one sealed collection, and the groups and reasons that several have."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

FieldNames = tuple[str, ...]
PLACE: FieldNames = ("candidacy", "school", "academy", "session")
PLACED = {"place": ("rattachement", PLACE), "exam": ("épreuve", ("exam",))}
ENDS = "il ferme un accès, que seul rouvre le jeton de la personne"
DRAWN_FROM = "recalculé à partir d'autres champs"
TELLS = "dit comment, ne décide de rien"
OWN_LINK = "tenu par son propre maillon"


@dataclass(frozen=True)
class Sealed:
    """The seals of one collection. word: its name in French. groups: {name stored in links: (French words, fields)}; a
    field `grants.exam` is a part of each embedded document, which the group of the whole (`grants`) leaves out.

    left_out: {field: why no seal includes it}. own_link: the link of the act repeats it (`audit.seal_checks`).
    may_leave: a document may disappear without an act (it expires, or no backup keeps it).
    """

    word: str
    groups: dict[str, tuple[str, FieldNames]]
    left_out: dict[str, str] = field(default_factory=dict)
    own_link: bool = False
    may_leave: bool = False

    @property
    def fields(self) -> set[str]:
        """Returns the names of all sealed fields, without the parts of embedded documents."""
        return {name.partition(".")[0] for _, names in self.groups.values() for name in names}

    @cached_property
    def apart(self) -> dict[str, set[str]]:
        """Returns {field: names of the parts of its embedded documents that have a group of their own}."""
        parts = [name.partition(".") for _, names in self.groups.values() for name in names if "." in name]
        return {whole: {part for other, _, part in parts if other == whole} for whole, _, _ in parts}


def why(reason: str, *names: str) -> dict[str, str]:
    """Returns {field: the reason why no seal includes it}."""
    return dict.fromkeys(names, reason)
