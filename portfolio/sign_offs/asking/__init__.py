"""Asks a tutor or a teacher to sign off: requests, reminders, deliveries, objections of a tutor."""
