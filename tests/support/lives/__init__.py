"""What happens to people, played by the real verbs."""
