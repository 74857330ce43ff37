"""A PDF written by hand, object by object."""

from __future__ import annotations


def written_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects after the catalogue's, in the spelling given here."""
    body, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n" % (size, table, size)
    return body + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)
