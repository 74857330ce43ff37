"""Pages of the exam service of an academy: transmitted sheets, marks read back, releases; no evidence."""
