"""Recognises and displays files: their kind by their bytes, previews, and their digest against their seal.

A file is never trusted: it is read within limits, rendered in a process of its own, and never run.
"""
