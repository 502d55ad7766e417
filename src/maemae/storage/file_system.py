"""Whether a path lies on a disk of this machine, which a durable store needs."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from maemae.domain.errors import ConfigError

_MOUNTS: Final = Path("/proc/self/mounts")

_FOREIGN: Final = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "davfs"),
        *("fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "fuse.davfs2"),
        *("9p", "vboxsf"),  # folders that a virtual machine shares with its host
    }
)


def refuse_network(path: Path) -> None:
    r"""
    Refuse a path on a network file system: SQLite's locks and syncs do not hold there.

    Raises:
        ConfigError: The path lies on one. Only Linux tells; elsewhere network names
            (`\\server\share`) are recognized.

    Source:
        https://www.sqlite.org/wal.html ("WAL does not work over a network filesystem").
    """
    place = path.resolve()
    mounts = _MOUNTS.read_text(encoding="utf-8") if _MOUNTS.exists() else ""
    kind = "UNC" if str(path).startswith("\\\\") else file_system(place, mounts)
    if kind == "UNC" or kind in _FOREIGN:
        raise ConfigError(
            f"{place} 는 네트워크 파일 시스템({kind})에 있습니다. 정전이나 끊김에 기록을 잃을 수 "
            "있으니 이 컴퓨터의 디스크로 옮기세요.",
            f"{place} lies on a network file system ({kind}), where records can be lost. Use a "
            "disk of this machine.",
        )


def file_system(path: Path, mounts: str) -> str:
    """
    Return the type of the file system that holds an absolute path; empty if nothing tells.

    Args:
        path: Where; symbolic links are resolved already.
        mounts: Mount table as in `/proc/self/mounts`; later lines cover earlier ones.
    """
    found, depth = "", -1
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        mounted = PurePosixPath(point.replace("\\040", " "))
        if path.is_relative_to(mounted) and len(mounted.parts) >= depth:
            found, depth = kind, len(mounted.parts)
    return found
