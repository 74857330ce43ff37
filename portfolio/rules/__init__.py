"""What the texts of the exam say, as pure functions and versioned data: the referential, the circulars, the catalogue.

Nothing here reads the store, knows a person or refuses an act: a rule says what is missing, what counts, what is due.
"""
