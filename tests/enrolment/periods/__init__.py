"""Periods in companies: recorded, proposed, and what they lack of what the arrêté asks."""
