"""Who somebody is: accounts, passwords, codes, links sent by mail, the browsers they use, rights that two people give.

An act of the trade never looks at a password or a token: it is handed an actor. No secret is kept in clear.
"""
