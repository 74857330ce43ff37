"""The house itself: its rooms, its documents, its version."""
