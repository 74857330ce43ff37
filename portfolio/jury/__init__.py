"""The jury sets final marks, rectifies with a reason and publishes; its lists and statistics.

A published result changes only by a rectification; the proposal stays a secret
after publication too, unless the sheet is communicated to the candidate who asks for it.
"""
