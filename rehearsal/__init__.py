"""A rehearsal session (fictional people, FICTIF on every artefact), the journey played over it, and `make run`."""
