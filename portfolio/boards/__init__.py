"""Overviews across steps: a class, a school, a person's data, changes of accounts, the background work; tables of
the code.

They only read; each figure is computed once, in the room of its step. That support read is written down (`look_ups`).
"""
