"""Files that the antivirus did not examine when they were deposited, or in which it recognises a malicious program."""
