"""Decides who may do what: the actions, the relations between people and things, and the table that joins them.

Each act calls `require` and each list calls `scope`. No other module decides a right, and nothing is written here.
"""
