"""What is told to those concerned when a candidate gives up, or comes back."""
