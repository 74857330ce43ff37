"""Recognises the kind of a file by its bytes, and its dangers. Reads within limits; unpacks and runs nothing."""
