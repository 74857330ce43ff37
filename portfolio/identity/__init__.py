"""Identifies people: accounts, passwords, codes, links in mails, browsers, rights that two people give.

An act of the trade receives an actor; if it requires the password again, `sign_ins` checks it. No secret is stored in
clear.
"""
