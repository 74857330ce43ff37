"""Meetings as the calendars of their members hold them: files, events in mails, an address to subscribe to."""
