"""Mails about periods in companies: proposed, answered, contested by their tutor."""
