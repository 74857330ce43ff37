"""Class lists, read, enrolled, undone."""
