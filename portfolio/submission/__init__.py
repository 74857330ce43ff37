"""Handing the portfolio in: what is ready, the numbered revision that is frozen, the export
that a candidate takes away.

What was handed in never changes; reopening makes another revision.
"""
