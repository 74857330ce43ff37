"""Many schools at once, for what must not depend on how many there are."""
