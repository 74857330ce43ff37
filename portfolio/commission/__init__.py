"""Commissions: two members are convened, appraise a frozen submission, compare their degrees, and propose a mark.

The proposed mark stays secret from the candidate, on every channel, until the sheet is communicated on request. No
code here decides the final mark.
"""
