"""What the texts of an exam are as data, beside those of another exam."""
