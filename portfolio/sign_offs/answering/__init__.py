"""What is shown to whoever answers, the answer that freezes it, what it counts for since, and its receipt."""
