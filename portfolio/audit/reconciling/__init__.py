"""The comparisons of `reconcile`: what is missing, uploads that will not end, bytes that nobody needs.

Each yields findings, and cures only that on which nothing needed hangs.
"""
