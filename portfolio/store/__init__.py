"""Connects to MongoDB and the object store, and writes: `journal.commit`, its chained links, the outbox.

No rule of the trade is decided here; documents are only sealed, digested and named. Only `objects` uses S3.
"""
