"""Schools, candidates, placements and tutors: who is enrolled where, how a class list comes in, whose address changed.

Changes of accounts that wait for a second person, and the mail that asks for sign-offs, stand here too. No piece of
evidence and no mark: what somebody shows begins in `evidence`.
"""
