"""What operators and servers in front ask for: logs, measures, health, returned mails.

No person signs in here, and no answer names anybody.
"""
