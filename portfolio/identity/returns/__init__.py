"""Mails that came back, read out of what mail servers write. What they mean for an address stands in `bounces`."""
