"""The kind of a file by its bytes, and what is dangerous in it. Reads within limits; unpacks and runs nothing."""
