"""Lists that an office sends, beside those of candidates: each is shown line by line before anything is written."""
