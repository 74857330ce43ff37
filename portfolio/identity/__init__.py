"""Who somebody is: accounts, passwords, codes, links sent by mail, the browsers they use, rights that two people give.

An act of the trade is handed an actor; where it asks for the password again, `sign_ins` looks at it. No secret is kept
in clear.
"""
