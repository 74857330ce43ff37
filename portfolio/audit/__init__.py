"""Proves after the fact: verifies chains, seals and stored records; anchors outside, backup, restore, repair.

Finds and names what differs; never repairs what a person altered.
"""
