"""What the antivirus holds of the candidates of a school."""
