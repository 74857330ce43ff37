"""Mails: one file per message, composed from ids when it is sent. `delivery` sends them.

`outbox_handlers` maps each kind of outbox row to its handler. Mails are transactional (a school asks, a person
answers): none has List-Unsubscribe; see docs/decisions/0018.
"""
