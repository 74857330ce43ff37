"""What a file is and how it is shown: its kind by its bytes, pictures and texts of it, its digest against its seal.

A file is never believed: it is read within limits, drawn in a process of its own, and never run.
"""
