"""Enrols candidates in schools, with their placements and tutors: one by one or from a class list; corrects addresses.

Changes of accounts that wait for a second person, and the mail that requests sign-offs, are here too; so are the
deadline of each candidate and what came after it. No piece of evidence and no mark: pieces begin in `evidence`.
"""
