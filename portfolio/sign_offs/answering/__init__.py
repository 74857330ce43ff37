"""Shows an activity to its signatory, freezes the answer, works out what the answer still counts for, and makes its
receipt.
"""
