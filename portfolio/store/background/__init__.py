"""Wakes a worker when the outbox has something for it, and shares what the clock calls between workers.

The truth stands in MongoDB alone (`portfolio.store.outbox`, `turns`): a worker that is killed loses nothing, and no
other engine is needed; see docs/decisions/0033.
"""
