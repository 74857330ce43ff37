"""Puts right names of staff and of schools that were written wrong. What was frozen keeps what it said."""
