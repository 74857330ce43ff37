"""Reads a file that may be hostile in a process of its own, which can use little and reach nothing.

`start.run(command, source, bounds)` is what callers need. A module of ours gives up its rights before the first byte
(`give_up.confine`); another program is wrapped (`bubblewrap.wrapped`), or not run at all.
"""
