"""Lists of any kind: the columns that a kind declares are recognised in a table, and each fault names its cell."""
