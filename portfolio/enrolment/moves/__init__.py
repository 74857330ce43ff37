"""What happens to people once they are enrolled: who gives up, and who comes back."""
