"""MongoDB and the object store: connections, the one way to write (`journal.commit`), its chained links, the outbox.

It decides nothing of the trade, and knows its documents only to seal, digest and name them. Only `objects` speaks S3.
"""
