"""What looks across steps: a class, a school, one's own data, who changed which account,
how the background work stands; tables drawn of the code.

Reads only; each figure is computed in the room of its step, once.
"""
