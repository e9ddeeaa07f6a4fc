"""What buckets are told to do with old objects, and uploads that nobody finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.listings.grammar import Answer, refuse_unknown
from finops.demo.noise import key
from finops.demo.population.life import created
from finops.demo.population.resource import FORGOTTEN
from finops.demo.wire import aws_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.population.everything import Census
    from finops.demo.population.resource import Resource
    from finops.demo.wire import Request

_PAGE_AT_MOST = 1000
_MEBIBYTE = 2**20
_NEW_UPLOAD_DAYS = 5
_PART_MIB = 256
_ABORTS_AFTER = 7


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that is not finished, with parts of one size."""

    key: str
    id: str
    initiated: datetime
    parts: int
    part_mib: int


@dataclass(frozen=True, slots=True)
class Buckets:
    """Answers from one census."""

    census: Census

    def answers(self) -> dict[tuple[str, str], Answer]:
        """The answers about buckets that the caller names."""
        return {
            ("s3", "GetBucketLifecycleConfiguration"): self.lifecycle,
            ("s3", "ListMultipartUploads"): self.uploads,
            ("s3", "ListParts"): self.parts,
        }

    def lifecycle(self, request: Request) -> dict[str, Any]:
        """The rules of a bucket; NoSuchLifecycleConfiguration for half of them."""
        refuse_unknown(request, ("Bucket", "ExpectedBucketOwner"))
        found = rules(self._bucket(request))
        if not found:
            raise aws_error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
        return {"Rules": found, "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K"}

    def uploads(self, request: Request) -> dict[str, Any]:
        """Uploads by key and id, those after the markers of the request."""
        refuse_unknown(request, ("Bucket", "ExpectedBucketOwner", "KeyMarker", "UploadIdMarker", "MaxUploads"))
        bucket, params = self._bucket(request), request.params
        after = (params.get("KeyMarker", ""), params.get("UploadIdMarker", "\U0010ffff"))
        size = _size(params.get("MaxUploads"))
        rest = [one for one in self._uploads(bucket) if (one.key, one.id) > after]
        shown, cut = rest[:size], len(rest) > size
        owner = {"ID": f"{int(request.account):064x}"}
        answer: dict[str, Any] = {
            "Bucket": bucket.id,
            "KeyMarker": params.get("KeyMarker", ""),
            "UploadIdMarker": params.get("UploadIdMarker", ""),
            "MaxUploads": size,
            "IsTruncated": cut,
        }
        if shown:
            answer["Uploads"] = [
                {"Key": one.key, "UploadId": one.id, "Initiated": one.initiated, "StorageClass": "STANDARD"}
                | {"Owner": owner, "Initiator": owner}
                for one in shown
            ]
        return answer | ({"NextKeyMarker": shown[-1].key, "NextUploadIdMarker": shown[-1].id} if cut else {})

    def parts(self, request: Request) -> dict[str, Any]:
        """The parts of one upload by number; NoSuchUpload without it."""
        refuse_unknown(request, ("Bucket", "Key", "UploadId", "ExpectedBucketOwner", "PartNumberMarker", "MaxParts"))
        bucket, params = self._bucket(request), request.params
        named = (params["Key"], params["UploadId"])
        upload = next((one for one in self._uploads(bucket) if (one.key, one.id) == named), None)
        if upload is None:
            raise aws_error("NoSuchUpload", "The specified upload does not exist.")
        after, size = int(params.get("PartNumberMarker", 0)), _size(params.get("MaxParts"))
        numbers = range(after + 1, min(upload.parts, after + size) + 1)
        cut = after + size < upload.parts
        return {
            "Bucket": bucket.id,
            "Key": upload.key,
            "UploadId": upload.id,
            "PartNumberMarker": after,
            "MaxParts": size,
            "IsTruncated": cut,
            "StorageClass": "STANDARD",
            "Parts": [_part(upload, number) for number in numbers],
        } | ({"NextPartNumberMarker": after + size} if cut else {})

    def _bucket(self, request: Request) -> Resource:
        for one in self.census.today().of("s3:bucket", request.account):
            if one.id == request.params["Bucket"]:
                return one
        raise aws_error("NoSuchBucket", "The specified bucket does not exist")

    def _uploads(self, bucket: Resource) -> Sequence[Upload]:
        today = self.census.today().today
        found = _uploads(bucket, datetime(today.year, today.month, today.day, tzinfo=UTC))
        return sorted(found, key=lambda one: (one.key, one.id))


def rules(bucket: Resource) -> list[dict[str, Any]]:
    """Half have rules, and of these one in two ends uploads that nobody finishes."""
    number = key("lifecycle", bucket.arn)
    if number % 2 or bucket.role == FORGOTTEN:
        return []
    days = (90, 180, 365)[number // 2 % 3]
    found = [
        {"ID": "archive", "Status": "Enabled", "Filter": {"Prefix": ""}}
        | {"Transitions": [{"Days": days, "StorageClass": "STANDARD_IA"}]}
    ]
    if number // 6 % 2:
        ends = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _ABORTS_AFTER}}
        found.append({"ID": "uploads", "Status": "Enabled", "Filter": {"Prefix": ""}, **ends})
    return found


def _uploads(bucket: Resource, midnight: datetime) -> Iterator[Upload]:
    """One bucket in five has uploads that were given up long ago, one in five one of this week.

    Where a rule ends them, none is older than the rule allows.
    """
    number = key("uploads", bucket.arn)
    chosen, ends = number % 5, any("AbortIncompleteMultipartUpload" in rule for rule in rules(bucket))
    if chosen == 0 and not ends:
        for index in range(1 + number // 5 % 4):
            began = created(bucket.life, "upload", bucket.arn, index) + timedelta(days=20 * (index + 1))
            yield _upload(bucket, index, began, parts=40 + key("parts", bucket.arn, index) % 400)
    if chosen in {0, 1}:
        back = (midnight.toordinal() + number) % _NEW_UPLOAD_DAYS
        began = midnight - timedelta(days=back) - timedelta(seconds=number % 40_000)
        yield _upload(bucket, began.toordinal(), began, parts=3 + number // 5 % 20)


def _upload(bucket: Resource, index: int, began: datetime, *, parts: int) -> Upload:
    code = f"{key('upload', bucket.arn, index):016x}"
    return Upload(f"exports/dump-{code[:6]}.tar", f"2~{code}", began, parts, _PART_MIB)


def _part(upload: Upload, number: int) -> dict[str, Any]:
    return {
        "PartNumber": number,
        "LastModified": upload.initiated + timedelta(seconds=2 * number),
        "ETag": f'"{key(upload.id, number):032x}"',
        "Size": upload.part_mib * _MEBIBYTE,
    }


def _size(asked: Any) -> int:
    size = _PAGE_AT_MOST if asked is None else int(asked)
    if size < 1:
        raise aws_error("InvalidArgument", "Argument must be an integer between 1 and 2147483647")
    return min(size, _PAGE_AT_MOST)
