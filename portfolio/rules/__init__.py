"""Applies the texts of the exam as pure functions and versioned data: the referential, the circulars, the catalogue.

Nothing here reads the store or knows a person. A rule returns what is missing, what counts or what is due, and raises
only for a value that breaks it.
"""
