"""How soon a password is guessed, by the words and habits that are tried first. Keeps nothing that was typed."""
