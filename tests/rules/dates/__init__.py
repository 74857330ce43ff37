"""Days, as rules read them."""
