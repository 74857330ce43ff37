"""Who may do what: the actions, who stands in which relation to what, and the one table that joins them.

Each act asks `require`, each list `scope`; nobody decides a right anywhere else, and nothing is written here.
"""
