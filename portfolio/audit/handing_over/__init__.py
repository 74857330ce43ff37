"""Hands over to a school or an academy all that is theirs, in open formats, with a description and a verifier.

Reads one moment of the database; writes nothing there. What others own, and what opens an account, never leaves.
"""
