"""Says which stored fields the links of chains seal, by group: everything that decides a mark, or who may read it.

The names of groups are stored in links: add new ones, never rename one. `sealed_fields` has the whole table.
"""
