"""The object store: keys, parts, signed links. Only here is S3 spoken; nothing here knows what a file proves."""
