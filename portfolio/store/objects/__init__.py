"""Stores objects: keys, parts, signed links. The only package that uses S3; it knows nothing of the exam."""
