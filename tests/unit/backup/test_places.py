"""A second place keeps what it is given, once, and says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.backup.places import FolderPlace, Place
from maemae.backup.s3 import Bucket, S3Place
from maemae.domain.errors import StorageError
from tests import s3_double


@pytest.fixture
def bucket() -> Iterator[s3_double.Bucket]:
    with s3_double.a_bucket() as bucket:
        yield bucket


def s3(bucket: s3_double.Bucket, access_key: str = "writer") -> S3Place:
    return S3Place(
        Bucket("backups", bucket.address, "ap-northeast-2", access_key, "secret", allow_http=True)
    )


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return FolderPlace(tmp_path / "elsewhere")
    return s3(request.getfixturevalue("bucket"))


def test_place_gives_back_what_was_put(place: Place) -> None:
    assert place.names("") == []
    for name in ("journal/1/b", "journal/1/a", "journal/10/a", "other/a"):
        place.put(name, name.encode())

    assert place.names("journal/1/") == ["journal/1/a", "journal/1/b"]
    assert place.get("journal/10/a") == b"journal/10/a"
    place.delete("journal/1/a")
    place.delete("journal/1/a")
    assert place.names("journal/1/") == ["journal/1/b"]


def test_place_when_a_name_is_taken_keeps_the_first(place: Place) -> None:
    place.put("a", b"first")

    with pytest.raises(StorageError, match="another maemae"):
        place.put("a", b"second")

    assert place.get("a") == b"first"


def test_place_when_there_is_no_such_object_says_so(place: Place) -> None:
    with pytest.raises(StorageError, match="second place"):
        place.get("nothing")


def test_folder_when_it_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("a file", "utf-8")

    with pytest.raises(StorageError, match="second place"):
        FolderPlace(tmp_path / "elsewhere").put("a", b"content")


def test_bucket_when_asked_is_asked_with_a_signature(bucket: s3_double.Bucket) -> None:
    place = s3(bucket)
    place.put("a", b"content")
    place.get("a")
    place.names("")

    assert bucket.unsigned == 0
    assert bucket.objects == {"/backups/maemae/a": b"content"}


def test_bucket_when_the_key_is_another_refuses(bucket: s3_double.Bucket) -> None:
    with pytest.raises(StorageError, match="keys") as refused:
        s3(bucket, "somebody").put("a", b"content")

    assert "secret" not in str(refused.value)
    assert bucket.objects == {}


def test_bucket_when_an_answer_is_lost_has_the_object_once(bucket: s3_double.Bucket) -> None:
    bucket.lost_answers = 1

    s3(bucket).put("a", b"content")

    assert bucket.objects == {"/backups/maemae/a": b"content"}


def test_bucket_when_it_is_down_says_so(bucket: s3_double.Bucket) -> None:
    bucket.is_down = True

    with pytest.raises(StorageError, match="cannot be used"):
        s3(bucket).names("")
    with pytest.raises(StorageError, match="cannot be used"):
        s3(bucket).put("a", b"content")


def test_bucket_when_printed_hides_its_secret() -> None:
    bucket = Bucket("backups", "http://127.0.0.1", "here", "access", "very-secret")
    assert "very-secret" not in repr(bucket)
