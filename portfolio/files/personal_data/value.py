"""Names the kinds of personal data, and where one stands in a text."""

from __future__ import annotations

from typing import Final, NamedTuple

# The codes are kept with files and given by the API: one never changes.
OF_ONE_FORM: Final = ("nir", "iban", "card", "phone", "email", "plate")
BY_THEIR_WORDS: Final = (
    "birth_date",
    "health",
    "policy_number",
    "claim_number",
    "postal_address",
    "person_name_in_header",
    "gps",
    "device",
)
KINDS: Final = (*OF_ONE_FORM, *BY_THEIR_WORDS)


class PersonalValue(NamedTuple):
    """A value: `text[start:end]` of the text that was read. kind: one of KINDS."""

    kind: str
    start: int
    end: int

    def meets(self, other: PersonalValue) -> bool:
        """Returns whether both have a sign in common."""
        return self.start < other.end and other.start < self.end
