"""What a browser asks for: at the first view with nothing kept, and when it comes back."""
