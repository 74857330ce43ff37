"""Papers that people sign or keep: the receipt of a sign-off, the statement to sign by hand."""
