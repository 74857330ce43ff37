"""A meeting without network: the blank grid with its code, the scan of what was written, and its two readings.

What was written by hand counts once one member has keyed it and the other has read it again, against the scan.
"""
