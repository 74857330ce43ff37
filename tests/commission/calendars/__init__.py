"""What the calendars of members are told of meetings."""
