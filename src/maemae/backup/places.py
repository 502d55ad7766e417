"""Second places for what must outlive the disk: a folder on another one, or `maemae.backup.s3`."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Protocol

from maemae.domain.errors import StorageError
from maemae.storage.syncing import sync_data, sync_folder


class Place(Protocol):
    """
    Named objects that are written once and never changed.

    Everything blocks; call from a thread. Every method raises StorageError if the place cannot
    be reached or refuses.
    """

    def put(self, name: str, content: bytes) -> None:
        """
        Keep an object, durably and whole, or not at all.

        Raises:
            StorageError: Also if there is an object of that name: somebody else writes here.
        """

    def get(self, name: str) -> bytes:
        """Return an object."""

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin like this, sorted."""

    def delete(self, name: str) -> None:
        """Forget an object; one that is not there is forgotten already."""


class FolderPlace:
    """
    A folder, best on another disk or machine.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Keep an object, durably and whole, or not at all."""
        path = self._folder / PurePosixPath(name)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as file:
                    file.write(content)
                    file.flush()
                    sync_data(file.fileno())
                _name(part, path, name)
            finally:
                part.unlink(missing_ok=True)
            sync_folder(path.parent)
        except OSError as error:
            raise _failed(path, error) from error

    def get(self, name: str) -> bytes:
        """Return an object."""
        path = self._folder / PurePosixPath(name)
        try:
            return path.read_bytes()
        except OSError as error:
            raise _failed(path, error) from error

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin like this, sorted."""
        found = (
            path.relative_to(self._folder).as_posix()
            for path in self._folder.rglob("*")
            if not path.name.startswith(".") and path.is_file()
        )
        return sorted(name for name in found if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Forget an object."""
        path = self._folder / PurePosixPath(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _failed(path, error) from error


def _name(part: Path, path: Path, name: str) -> None:
    """Give a written file its name, unless another has it."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise taken(name) from error


def taken(name: str) -> StorageError:
    """Return the error of a name that is taken."""
    return StorageError(
        f"{name} 이(가) 이미 있습니다. 다른 maemae 가 같은 곳에 쓰고 있는지 확인하세요.",
        f"{name} is there already. Check whether another maemae writes to the same place.",
    )


def _failed(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} 을(를) 읽거나 쓸 수 없습니다 ({error.strerror}). 외부 저장소의 연결과 남은 공간을 "
        "확인하세요.",
        f"{path} cannot be read or written ({error.strerror}). Check that the second place is "
        "there and has space.",
    )
