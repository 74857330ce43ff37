"""Proof after the fact: chains, seals and stored records read again, anchors outside, backup, restore, repair.

Finds and names what differs; never makes good what somebody altered.
"""
