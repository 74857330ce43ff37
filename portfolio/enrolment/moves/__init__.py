"""What happens to people once they are enrolled: who gives up, comes back, leaves, and what was written wrong."""
