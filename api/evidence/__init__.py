"""Activities, pieces, their files and the advice on them.

Bytes go in parts to the store; no file is held whole.
"""
