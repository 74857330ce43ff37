"""Schools at work, built by the real acts, one step at a time."""
