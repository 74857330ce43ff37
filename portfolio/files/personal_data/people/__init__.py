"""What is told by words: names, dates of birth, health, addresses."""
