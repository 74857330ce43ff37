"""Talks to S3 of any vendor; no other module does (`clients.py` makes its clients).

The server makes the keys, from plain segments: stores differ on anything else. An ETag is not a digest, and the
verification of a store is not trusted: what came by a presigned URL is read again and digested.
"""

from __future__ import annotations

import base64
import hashlib
import math
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from config.on_demand import on_demand
from portfolio.errors import Unavailable
from portfolio.store.engine_metrics import STORE_FAILS
from portfolio.store.objects.attachment import attachment
from portfolio.store.objects.breaker import StoreSilent, silences
from portfolio.store.objects.clients import Clients
from portfolio.store.objects.listings import Held, Part, PendingUpload, StoredObject
from portfolio.store.objects.refusals import REFUSALS, BadParts, NothingKept, ObjectGone, UploadGone

if TYPE_CHECKING:
    import botocore.exceptions as botocore_exceptions
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
else:
    botocore_exceptions = on_demand("botocore.exceptions")

CHUNK = 1024 * 1024
PAGE = 1000  # the most that S3 lists in one answer
RETRY_AFTER = 5  # seconds
FULL_RETRY_AFTER = 30  # seconds: a disk is not emptied at once
TRIAL = "trial"  # the key of what `try_writing` writes
TRIAL_BYTES = 4096  # a page of the disk: less may fit where nothing else does
TRIAL_HOLDS_S = 10.0
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class Download:
    """Yields the bytes of one object by chunks, in constant memory. Close it, or read it to its end."""

    def __init__(self, body: StreamingBody, size: int, etag: str) -> None:
        self.size, self.etag = size, etag
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        with _store_answers():
            yield from self._body.iter_chunks(CHUNK)
        self.close()

    def close(self) -> None:
        self._body.close()


class Storage:
    """One bucket. Every method raises Unavailable if the store is down, slow or refuses our keys.

    public_endpoint_url: the store as browsers reach it; it only appears in presigned links.
    clock: how far the clock of the application is ahead of the store, whose times are shifted by it.
    patient: of a command; see Clients.
    """

    def __init__(
        self,
        *,
        endpoint_url: str,
        public_endpoint_url: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        region: str,
        clock: timedelta = timedelta(),
        patient: bool = False,
    ) -> None:
        self.bucket = bucket
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._public_endpoint_url = public_endpoint_url
        self._region = region
        self._clients = Clients(access_key, secret_key, region, patient=patient)
        self._written_at = -math.inf

    # --- the bucket -----------------------------------------------------------------------------------

    def ping(self) -> None:
        """Raises Unavailable if the bucket cannot be reached."""
        with _store_answers():
            self._s3.head_bucket(Bucket=self.bucket)

    def try_writing(self) -> None:
        """Writes a small object and deletes it, unless something was written in the last TRIAL_HOLDS_S. Raises
        NothingKept if the store cannot write, Unavailable if it does not answer.
        """
        if time.monotonic() - self._written_at >= TRIAL_HOLDS_S:
            self.put(TRIAL, os.urandom(TRIAL_BYTES), "application/octet-stream")
            self.delete(TRIAL)

    def ensure_bucket(self) -> None:
        """Creates the bucket if it is missing; for the preparation of a store, not for requests. Raises Unavailable."""
        with _store_answers():
            try:
                self._s3.head_bucket(Bucket=self.bucket)
            except botocore_exceptions.ClientError as answer:
                if _code(answer) != "404":
                    raise
                self._create_bucket()
        self.ping()

    def _create_bucket(self) -> None:
        where: Any = {}
        if self._region != "us-east-1":  # S3 rejects this one as a constraint
            where = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        try:
            self._s3.create_bucket(Bucket=self.bucket, **where)
        except botocore_exceptions.ClientError as answer:
            if _code(answer) not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):  # someone was first
                raise

    # --- a file in parts ------------------------------------------------------------------------------

    def start_multipart(self, key: str, content_type: str) -> str:
        """Starts a multipart upload and returns its identifier. Raises NothingKept, Unavailable."""
        with self._store_keeps():
            answer = self._s3.create_multipart_upload(Bucket=self.bucket, Key=_plain(key), ContentType=content_type)
        return answer["UploadId"]

    def put_part(self, key: str, upload_id: str, number: int, data: bytes, md5: bytes | None = None) -> str:
        """Stores one part (number from 1) and returns its ETag. A part sent again replaces the previous one. md5:
        digest of data, if already known. Raises DamagedPart, UploadGone, NothingKept, Unavailable.
        """
        with self._store_keeps():
            answer = self._s3.upload_part(
                Bucket=self.bucket,
                Key=_plain(key),
                UploadId=upload_id,
                PartNumber=number,
                Body=data,
                ContentMD5=_in_header(md5 or _md5(data)),
            )
        return answer["ETag"]

    def presign_part(self, key: str, upload_id: str, number: int, size: int, expires_s: int) -> str:
        """Returns a link, valid for `expires_s` seconds, to PUT one part of exactly `size` bytes directly into the
        store: the length is signed. Calls no store.
        """
        values = {"Bucket": self.bucket, "Key": _plain(key), "UploadId": upload_id, "PartNumber": number}
        values["ContentLength"] = size
        return self._public_s3.generate_presigned_url("upload_part", Params=values, ExpiresIn=expires_s)

    def list_parts(self, key: str, upload_id: str) -> dict[int, Part]:
        """Returns {part number: its ETag and size in bytes}, as the store has them. Raises UploadGone, Unavailable."""
        return self.held(key, upload_id).parts

    def held(self, key: str, upload_id: str) -> Held:
        """Returns everything of an upload that takes space. Raises UploadGone, Unavailable. Some stores (SeaweedFS)
        keep and list every version of a part, in no order, dated to the second: the latest counts, and within one
        second the largest (a truncated one is short); the digest of the whole by the caller decides in the end. For an
        upload that is gone, some (Ceph) answer that the key does not exist.
        """
        pages = self._s3.get_paginator("list_parts").paginate(
            Bucket=self.bucket, Key=_plain(key), UploadId=upload_id, PaginationConfig={"PageSize": PAGE}
        )
        latest: dict[int, tuple[datetime, int, str]] = {}
        sendings = size = 0
        try:
            with _store_answers():
                for page in pages:
                    for part in page.get("Parts", []):
                        sent = part["LastModified"], part["Size"], part["ETag"]
                        latest[part["PartNumber"]] = max(sent, latest.get(part["PartNumber"], sent))
                        sendings, size = sendings + 1, size + part["Size"]
        except ObjectGone as gone:
            raise UploadGone from gone
        parts = {number: Part(etag, size) for number, (_, size, etag) in sorted(latest.items())}
        return Held(parts, sendings, size)

    def complete(self, key: str, upload_id: str, parts: Mapping[int, str]) -> None:
        """Joins the parts ({number: ETag}) into the object. Raises BadParts (none, unknown or too small), UploadGone,
        NothingKept, Unavailable. Completing again is harmless: if the first answer was lost, the object exists.
        """
        if not parts:
            raise BadParts
        joined: Any = [{"PartNumber": number, "ETag": parts[number]} for number in sorted(parts)]
        try:
            with self._store_keeps():
                self._s3.complete_multipart_upload(
                    Bucket=self.bucket, Key=_plain(key), UploadId=upload_id, MultipartUpload={"Parts": joined}
                )
        except StoreSilent:
            raise
        except (UploadGone, Unavailable):
            if self.head(key) is None:
                self.list_parts(key, upload_id)  # Ceph says of an upload that is gone that it is being completed
                raise

    def abort(self, key: str, upload_id: str) -> None:
        """Deletes the upload and its parts; harmless if it is already gone. Raises Unavailable."""
        try:
            with _store_answers():
                self._s3.abort_multipart_upload(Bucket=self.bucket, Key=_plain(key), UploadId=upload_id)
        except UploadGone:
            return

    def list_uploads(self) -> Iterator[PendingUpload]:
        """Yields every upload neither completed nor aborted. Raises Unavailable while it is read."""
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, PaginationConfig={"PageSize": PAGE}
        )
        with _store_answers():
            for page in pages:
                for upload in page.get("Uploads", []):
                    yield PendingUpload(upload["Key"], upload["UploadId"], upload["Initiated"] + self._clock)

    # --- objects --------------------------------------------------------------------------------------

    def put(self, key: str, data: bytes | BinaryIO, content_type: str) -> None:
        """Stores an object in one request: a sheet, an export, or a file, from its start, read as it leaves. Raises
        DamagedPart, NothingKept, Unavailable.
        """
        with self._store_keeps():
            self._s3.put_object(
                Bucket=self.bucket,
                Key=_plain(key),
                Body=data,
                ContentType=content_type,
                ContentMD5=_in_header(_md5(data)),
            )
        self._written_at = time.monotonic()

    def open(self, key: str, etag: str | None = None) -> Download:
        """Returns a download of the object. Raises ObjectGone, ObjectReplaced (its ETag is not `etag`), Unavailable
        (also while it is read).
        """
        with _store_answers():
            answer = self._s3.get_object(Bucket=self.bucket, Key=_plain(key), **_if_still(etag))
        return Download(answer["Body"], answer["ContentLength"], answer.get("ETag", ""))

    def read_range(self, key: str, start: int, length: int, etag: str | None = None) -> bytes:
        """Returns at most `length` bytes from offset `start` in bytes; b"" beyond the end. Raises ObjectGone,
        ObjectReplaced (its ETag is not `etag`), Unavailable.
        """
        span = f"bytes={start}-{start + length - 1}"
        with _store_answers():
            try:
                asked = self._s3.get_object(Bucket=self.bucket, Key=_plain(key), Range=span, **_if_still(etag))
                return asked["Body"].read()
            except botocore_exceptions.ClientError as answer:
                if _code(answer) == "InvalidRange":
                    return b""
                raise

    def head(self, key: str) -> int | None:
        """Returns the size of the object in bytes, or None if there is no object. Raises Unavailable."""
        size_and_etag = self.stat(key)
        return None if size_and_etag is None else size_and_etag[0]

    def stat(self, key: str) -> tuple[int, str] | None:
        """Returns (size in bytes, ETag), or None if there is no object. Raises Unavailable."""
        with _store_answers():
            try:
                answer = self._s3.head_object(Bucket=self.bucket, Key=_plain(key))
                return answer["ContentLength"], answer["ETag"]
            except botocore_exceptions.ClientError as answer:
                if _code(answer) == "404":  # a HEAD has no body to say more
                    return None
                raise

    def delete(self, key: str) -> None:
        """Deletes the object; harmless if there is none. Raises Unavailable."""
        with _store_answers():
            self._s3.delete_object(Bucket=self.bucket, Key=_plain(key))

    def list_keys(self, prefix: str) -> Iterator[StoredObject]:
        """Yields every object whose key begins with `prefix`. Raises Unavailable while it is read."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": PAGE}
        )
        with _store_answers():
            for page in pages:
                for stored in page.get("Contents", []):
                    yield StoredObject(stored["Key"], stored["Size"], stored["LastModified"] + self._clock)

    def presign_download(self, key: str, filename: str, content_type: str, expires_s: int) -> str:
        """Returns a link, valid for `expires_s` seconds, that saves the object under `filename`. A browser neither
        displays it in place nor caches it: the computer may be shared. Calls no store.
        """
        values = {
            "Bucket": self.bucket,
            "Key": _plain(key),
            "ResponseContentDisposition": attachment(filename),
            "ResponseContentType": content_type,
            "ResponseCacheControl": "no-store",
        }
        return self._public_s3.generate_presigned_url("get_object", Params=values, ExpiresIn=expires_s)

    @contextmanager
    def _store_keeps(self) -> Iterator[None]:
        """Translates the errors of a call that writes, as `_store_answers`; a failure in the store itself (HTTP 500 and
        above) raises NothingKept.
        """
        try:
            with _store_answers():
                yield
        except Unavailable as failure:
            self._written_at = -math.inf
            answer = failure.__cause__
            if isinstance(answer, botocore_exceptions.ClientError) and _status(answer) >= STORE_FAILS:
                raise NothingKept(retry_after=FULL_RETRY_AFTER) from answer
            raise

    # --- clients --------------------------------------------------------------------------------------

    @property
    def _s3(self) -> S3Client:
        return self._clients.at(self._endpoint_url)

    @property
    def _public_s3(self) -> S3Client:
        return self._clients.at(self._public_endpoint_url)


@contextmanager
def _store_answers() -> Iterator[None]:
    """Translates the errors of the store in the block into a class of REFUSALS, StoreSilent where it is silent, else
    Unavailable (a store that is down, wrong keys, no bucket), with the cause chained for the log of the operator.
    """
    try:
        yield
    except botocore_exceptions.ClientError as answer:
        refusal = REFUSALS.get(_code(answer))
        raise (refusal() if refusal else Unavailable(retry_after=RETRY_AFTER)) from answer
    except silences() as silence:
        raise StoreSilent(retry_after=RETRY_AFTER) from silence
    except botocore_exceptions.BotoCoreError as failure:
        raise Unavailable(retry_after=RETRY_AFTER) from failure


def _status(answer: botocore_exceptions.ClientError) -> int:
    return answer.response["ResponseMetadata"]["HTTPStatusCode"]


def _code(answer: botocore_exceptions.ClientError) -> str:
    return answer.response.get("Error", {}).get("Code", "")


def _if_still(etag: str | None) -> Any:
    return {} if etag is None else {"IfMatch": etag}


def _plain(key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        raise ValueError(f"not a key of plain segments: {key!r}")
    return key


def _md5(data: bytes | BinaryIO) -> bytes:
    """Returns the digest; a file is read from its start, and left there."""
    measured = hashlib.md5(data if isinstance(data, bytes) else b"", usedforsecurity=False)
    if not isinstance(data, bytes):
        data.seek(0)
        for chunk in iter(partial(data.read, CHUNK), b""):
            measured.update(chunk)
        data.seek(0)
    return measured.digest()


def _in_header(md5: bytes) -> str:
    """Returns an MD5 as Content-MD5 has it (base64): the transfer check that every S3 verifies."""
    return base64.b64encode(md5).decode()
