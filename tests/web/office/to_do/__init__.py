"""The to-dos of the office's first page, one case for each, and what holds of every one."""
