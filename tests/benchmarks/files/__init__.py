"""What is measured of files: sent, and shown."""
