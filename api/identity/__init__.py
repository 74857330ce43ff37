"""Signing in and out, tokens, invitations, rights.

Rights are checked by `portfolio.identity`, never here.
"""
