"""What a jury decides, and the lists of marks to key elsewhere."""
