"""The history of a portfolio, and the proof that none of it was changed."""
