"""A year of work on a shared drive: an archive unpacked into pieces by the worker, and many pieces sorted at once."""
