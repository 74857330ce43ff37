"""What readers tell of files that are made here, with the exact facts that each of them has."""
