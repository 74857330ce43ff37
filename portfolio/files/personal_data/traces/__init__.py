"""What a device leaves of itself: where it was, and which it is."""
