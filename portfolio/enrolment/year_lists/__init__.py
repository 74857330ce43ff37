"""A school's year from its own files: what each sheet is, what all of them would write, then all of it at once."""
