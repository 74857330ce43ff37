"""Periods in companies from a list: each line finds its candidate and company, is shown, then added by the office."""
