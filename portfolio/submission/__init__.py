"""Submits the portfolio: what is ready, the frozen numbered revision, the export that a candidate takes away.

A submitted revision never changes; submitting again after a reopening makes another one.
"""
