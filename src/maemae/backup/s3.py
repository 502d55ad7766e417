"""A second place in S3-compatible storage; needs the extra `offsite`."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from maemae.backup.places import taken
from maemae.domain.errors import StorageError

_PATIENCE = timedelta(seconds=10)


class Bucket(msgspec.Struct, frozen=True):
    """
    Where and by whose leave.

    Attributes:
        name: Of the bucket.
        endpoint: Address of the service; empty for Amazon's own.
        region: Where it lies.
        access_key, secret_key: Of somebody who may write, list and read there.
        prefix: Folder in the bucket.
        allow_http: Whether the endpoint may be unencrypted, as on one's own network.
    """

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str
    prefix: str = "maemae"
    allow_http: bool = False

    def __repr__(self) -> str:
        return f"Bucket({self.endpoint}/{self.name}/{self.prefix})"


class S3Place:
    """
    Objects of a bucket (`maemae.backup.places.Place`).

    Args:
        bucket: Where and by whose leave.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._name = f"{bucket.endpoint}/{bucket.name}/{bucket.prefix}"
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix,
            endpoint=bucket.endpoint or None,
            region=bucket.region,
            access_key_id=bucket.access_key,
            secret_access_key=bucket.secret_key,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.allow_http,
                "timeout": _PATIENCE,
                "connect_timeout": _PATIENCE,
            },
            retry_config={"max_retries": 2, "retry_timeout": _PATIENCE},
        )

    def put(self, name: str, content: bytes) -> None:
        """Keep an object, durably and whole, or not at all."""
        try:
            obstore.put(self._store, name, content, mode="create", use_multipart=False)
        except AlreadyExistsError as error:
            if self.get(name) != content:  # else it is ours, sent again after a lost answer
                raise taken(name) from error
        except (BaseError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def get(self, name: str) -> bytes:
        """Return an object."""
        try:
            return bytes(obstore.get(self._store, name).bytes())
        except (BaseError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin like this, sorted."""
        folder, _, _ = prefix.rpartition("/")
        try:
            found = [meta["path"] for part in obstore.list(self._store, folder) for meta in part]
        except (BaseError, OSError, ValueError) as error:
            raise self._failed(error) from error
        return sorted(name for name in found if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Forget an object."""
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return
        except (BaseError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageError:
        why = type(error).__name__  # its text may hold signed addresses
        return StorageError(
            f"외부 저장소 {self._name} 을(를) 쓸 수 없습니다 ({why}). 주소와 열쇠, 네트워크를 "
            "확인하세요.",
            f"The second place {self._name} cannot be used ({why}). Check its address and keys, "
            "and the network.",
        )
