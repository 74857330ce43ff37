"""Schools, candidates, placements and tutors: who is enrolled where, how a class list comes in, whose address changed.

No piece of evidence and no mark: what somebody shows begins in `evidence`.
"""
