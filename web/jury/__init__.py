"""The jury's pages: marks as they are spread, final marks, publication."""
