"""Renders files, one module per family, in a process of its own (`sandbox.py`): a file may be hostile.

`show(source, kind, what)`: source is seekable; kind is a code of `file_kinds.KINDS`; what is one of `preview_spec.py`.
It answers the bytes of a WebP picture, or the fields of a `Preview`. Raises `CannotShow`. Whatever else a reader raises
(Torn, BadZipFile, KeyError…) is of a damaged file: `sandbox.run` answers `damaged`.
"""
