"""Holds the form that all documents are read into, and reads those of before 2007: .doc and .rtf."""
