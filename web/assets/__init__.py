"""What pages are drawn and work with: each sheet and script joined with what it imports, named by its content."""
