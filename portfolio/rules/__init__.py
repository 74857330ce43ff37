"""What the texts of the exam say, as pure functions and versioned data: the referential, the circulars, the catalogue.

Nothing here reads the store or knows a person: a rule says what is missing, what counts, what is due, and refuses only
a value that breaks it.
"""
