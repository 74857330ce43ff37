"""The only module that speaks to S3, any vendor's (`clients.py` makes its clients).

Keys are made by the server, of plain segments: stores differ on anything else. An ETag is no digest, and
a store's own verification is not to be trusted: what came by a presigned URL is read again and digested.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from portfolio.errors import Invalid, NotFound, NotNow, Unavailable
from portfolio.store.objects.attachment import attachment
from portfolio.store.objects.clients import Clients
from portfolio.store.objects.listings import Held, Part, PendingUpload, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK = 1024 * 1024
PAGE = 1000  # the most that S3 lists in one answer
RETRY_AFTER = 5  # seconds
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class UploadGone(NotFound):
    """The multipart upload was completed, aborted or cleaned away."""

    code = "upload_gone"
    detail = "Cet envoi n'existe plus. Recommencez l'envoi du fichier."


class ObjectGone(NotFound):
    code = "file_gone"
    detail = "Le contenu de ce fichier n'est plus dans le stockage. Prévenez l'établissement."


class ObjectReplaced(NotNow):
    """Its ETag is not the one that was asked for: somebody wrote the object in between."""

    code = "file_replaced"
    detail = "Le contenu de ce fichier a changé pendant la lecture. Rechargez la page."


class DamagedPart(Invalid):
    """What the store received is not what was sent."""

    code = "damaged_part"
    detail = "Cette partie du fichier a été abîmée en route. Envoyez-la de nouveau."


class BadParts(Invalid):
    """A part is unknown, was sent again since it was listed, or is too small (5 MiB, but for the last)."""

    code = "bad_parts"
    detail = "Les parties reçues ne forment pas un fichier complet. Vérifiez-les, puis envoyez celles qui manquent."


REFUSALS = {
    "NoSuchUpload": UploadGone,
    "NoSuchKey": ObjectGone,
    "PreconditionFailed": ObjectReplaced,
    "BadDigest": DamagedPart,
    "InvalidDigest": DamagedPart,
    "XAmzContentSHA256Mismatch": DamagedPart,
    "IncompleteBody": DamagedPart,
    "InvalidPart": BadParts,
    "InvalidPartOrder": BadParts,
    "EntityTooSmall": BadParts,
}


class Download:
    """The bytes of one object, chunk by chunk, in flat memory. Close it, or read it to its end."""

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
    """One bucket. Every method raises Unavailable where the store is down, slow or refuses our keys.

    public_endpoint_url: the store as browsers reach it; it only appears in presigned links.
    clock: what the application's clock is ahead of the store's, whose own times are told shifted by it.
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
    ) -> None:
        self.bucket = bucket
        self._clock = clock
        self._endpoint_url = endpoint_url
        self._public_endpoint_url = public_endpoint_url
        self._region = region
        self._clients = Clients(access_key, secret_key, region)

    # --- the bucket -----------------------------------------------------------------------------------

    def ping(self) -> None:
        with _store_answers():
            self._s3.head_bucket(Bucket=self.bucket)

    def ensure_bucket(self) -> None:
        """Create the bucket where it is missing. For whoever prepares a store, not for requests."""
        with _store_answers():
            try:
                self._s3.head_bucket(Bucket=self.bucket)
            except ClientError as answer:
                if _code(answer) != "404":
                    raise
                self._create_bucket()
        self.ping()

    def _create_bucket(self) -> None:
        where: Any = {}
        if self._region != "us-east-1":  # which S3 refuses to hear named
            where = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        try:
            self._s3.create_bucket(Bucket=self.bucket, **where)
        except ClientError as answer:
            if _code(answer) not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):  # someone was first
                raise

    # --- a file in parts ------------------------------------------------------------------------------

    def start_multipart(self, key: str, content_type: str) -> str:
        """The identifier of a new multipart upload."""
        with _store_answers():
            answer = self._s3.create_multipart_upload(Bucket=self.bucket, Key=_plain(key), ContentType=content_type)
        return answer["UploadId"]

    def put_part(self, key: str, upload_id: str, number: int, data: bytes, md5: bytes | None = None) -> str:
        """The ETag of the part. A part sent again replaces the former one. DamagedPart, UploadGone.

        md5: of data, where it is known already.
        """
        with _store_answers():
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
        """A link to PUT one part of exactly `size` bytes straight into the store: its length is signed."""
        values = {"Bucket": self.bucket, "Key": _plain(key), "UploadId": upload_id, "PartNumber": number}
        values["ContentLength"] = size
        return self._public_s3.generate_presigned_url("upload_part", Params=values, ExpiresIn=expires_s)

    def list_parts(self, key: str, upload_id: str) -> dict[int, Part]:
        """{part number: what the store has of it}. UploadGone."""
        return self.held(key, upload_id).parts

    def held(self, key: str, upload_id: str) -> Held:
        """Everything that was sent of an upload and takes room. UploadGone.

        Some stores (SeaweedFS) keep and list every sending of a part, in no order, dated to the second: the latest
        counts, and within one second the largest (a torn sending is short); the caller's own digest of the whole
        decides in the end. Of an upload that is gone, some (Ceph) say that it is the key that does not exist.
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
        """Join the parts ({number: ETag}) into the object. UploadGone, BadParts.

        Completing again is harmless: where the first answer was lost on its way, the object is there.
        """
        if not parts:
            raise BadParts
        joined: Any = [{"PartNumber": number, "ETag": parts[number]} for number in sorted(parts)]
        try:
            with _store_answers():
                self._s3.complete_multipart_upload(
                    Bucket=self.bucket, Key=_plain(key), UploadId=upload_id, MultipartUpload={"Parts": joined}
                )
        except (UploadGone, Unavailable):
            if self.head(key) is None:
                self.list_parts(key, upload_id)  # Ceph says of an upload that is gone that it is being completed
                raise

    def abort(self, key: str, upload_id: str) -> None:
        """Forget the upload and its parts; harmless where it is already gone."""
        try:
            with _store_answers():
                self._s3.abort_multipart_upload(Bucket=self.bucket, Key=_plain(key), UploadId=upload_id)
        except UploadGone:
            return

    def list_uploads(self) -> Iterator[PendingUpload]:
        """Every upload neither completed nor aborted."""
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.bucket, PaginationConfig={"PageSize": PAGE}
        )
        with _store_answers():
            for page in pages:
                for upload in page.get("Uploads", []):
                    yield PendingUpload(upload["Key"], upload["UploadId"], upload["Initiated"] + self._clock)

    # --- objects --------------------------------------------------------------------------------------

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """A small object in one go: a sheet, an export. DamagedPart."""
        with _store_answers():
            self._s3.put_object(
                Bucket=self.bucket,
                Key=_plain(key),
                Body=data,
                ContentType=content_type,
                ContentMD5=_in_header(_md5(data)),
            )

    def open(self, key: str, etag: str | None = None) -> Download:
        """ObjectGone, ObjectReplaced (it has not this ETag) before the first byte; Unavailable also while reading."""
        with _store_answers():
            answer = self._s3.get_object(Bucket=self.bucket, Key=_plain(key), **_if_still(etag))
        return Download(answer["Body"], answer["ContentLength"], answer.get("ETag", ""))

    def read_range(self, key: str, start: int, length: int, etag: str | None = None) -> bytes:
        """At most `length` bytes from offset `start`; none beyond the end. As `open`."""
        span = f"bytes={start}-{start + length - 1}"
        with _store_answers():
            try:
                asked = self._s3.get_object(Bucket=self.bucket, Key=_plain(key), Range=span, **_if_still(etag))
                return asked["Body"].read()
            except ClientError as answer:
                if _code(answer) == "InvalidRange":
                    return b""
                raise

    def head(self, key: str) -> int | None:
        """The size of the object in bytes; None where there is none."""
        found = self.stat(key)
        return None if found is None else found[0]

    def stat(self, key: str) -> tuple[int, str] | None:
        """(size in bytes, ETag); None where there is no object."""
        with _store_answers():
            try:
                answer = self._s3.head_object(Bucket=self.bucket, Key=_plain(key))
                return answer["ContentLength"], answer["ETag"]
            except ClientError as answer:
                if _code(answer) == "404":  # a HEAD has no body to say more
                    return None
                raise

    def delete(self, key: str) -> None:
        """Harmless where there is no such object."""
        with _store_answers():
            self._s3.delete_object(Bucket=self.bucket, Key=_plain(key))

    def list_keys(self, prefix: str) -> Iterator[StoredObject]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": PAGE}
        )
        with _store_answers():
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredObject(found["Key"], found["Size"], found["LastModified"] + self._clock)

    def presign_download(self, key: str, filename: str, content_type: str, expires_s: int) -> str:
        """A link that saves the object under `filename`: a browser never displays it in place, and keeps no copy of
        it beside, since the computer may be everybody's."""
        values = {
            "Bucket": self.bucket,
            "Key": _plain(key),
            "ResponseContentDisposition": attachment(filename),
            "ResponseContentType": content_type,
            "ResponseCacheControl": "no-store",
        }
        return self._public_s3.generate_presigned_url("get_object", Params=values, ExpiresIn=expires_s)

    # --- clients --------------------------------------------------------------------------------------

    @property
    def _s3(self) -> S3Client:
        return self._clients.at(self._endpoint_url)

    @property
    def _public_s3(self) -> S3Client:
        return self._clients.at(self._public_endpoint_url)


@contextmanager
def _store_answers() -> Iterator[None]:
    """Translate what the store answers. Whatever the depositor cannot help (a store that is down, wrong keys,
    no bucket) is Unavailable, with its cause chained for the operator's log."""
    try:
        yield
    except ClientError as answer:
        refusal = REFUSALS.get(_code(answer))
        raise (refusal() if refusal else Unavailable(retry_after=RETRY_AFTER)) from answer
    except BotoCoreError as failure:
        raise Unavailable(retry_after=RETRY_AFTER) from failure


def _code(answer: ClientError) -> str:
    return answer.response.get("Error", {}).get("Code", "")


def _if_still(etag: str | None) -> Any:
    return {} if etag is None else {"IfMatch": etag}


def _plain(key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        raise ValueError(f"not a key of plain segments: {key!r}")
    return key


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _in_header(md5: bytes) -> str:
    """Content-MD5: the one transfer check that every S3 verifies, in parts and whole objects alike."""
    return base64.b64encode(md5).decode()
