"""Mails: one file per message, composed from ids at the moment of sending.

They are transactional (a school asks, a person answers): none has List-Unsubscribe; see docs/decisions/0018.
"""
