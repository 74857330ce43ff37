"""Estimates how fast a password is guessed, by common words and habits. Stores nothing that was typed."""
