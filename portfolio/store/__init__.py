"""MongoDB and the object store: connections, the one way to write (`journal.commit`), its chained links, the outbox.

It knows no step of the trade: what a document means is decided in the rooms that follow. Only `objects` speaks to S3.
"""
