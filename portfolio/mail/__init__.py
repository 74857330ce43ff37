"""Mails: one file per message, composed from ids at the moment of sending.

`delivery` sends them; `outbox_handlers` says what the worker does with each row.

They are transactional (a school asks, a person answers): none has List-Unsubscribe; see docs/decisions/0018.
"""
