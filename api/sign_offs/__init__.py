"""Asking for sign-offs, answering, on paper too; receipts; the evaluation of reality.

An answer always names the digest of what its author was shown.
"""
