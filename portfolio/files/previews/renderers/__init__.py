"""Each module here reads one family of files that a stranger may have made, in a process of its own (`confined.py`).

`show(source, kind, what)`: source is seekable; kind is a code of `inspect.kinds.KINDS`; what is one of `shape.py`.
It answers the bytes of a WebP picture, or the fields of a `View`. Raises `CannotShow`.
"""
