"""Two members appraise a frozen revision: they are convened, score apart, compare, and propose a mark.

The proposal is a secret from the candidate, on every channel, until the sheet is communicated on request. Nothing here
decides the final mark.
"""
