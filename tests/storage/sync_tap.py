"""
A tap on this process's syncs: counts them, or makes them fail as a broken disk does.

Linux hands each `fsync` and `fdatasync` to us before it does it (seccomp user notification),
so that no tracer has to be installed. Threads begun before `install` are not tapped.

Source: https://man7.org/linux/man-pages/man2/seccomp_unotify.2.html, read 2026-11-20.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import platform
import struct
import threading
from typing import NamedTuple


class Numbers(NamedTuple):
    seccomp: int
    fsync: int
    fdatasync: int


NUMBERS = {"x86_64": Numbers(317, 74, 75), "aarch64": Numbers(277, 82, 83)}

NO_NEW_PRIVILEGES, SET_FILTER, NEW_LISTENER = 38, 1, 8
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
RECEIVE, SEND, CONTINUE = 0xC0502100, 0xC0182101, 1
NOTIFICATION_BYTES = 80


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


class SyncTap:
    """
    Counts syncs.

    Attributes:
        count: Syncs so far, refused ones included.
        is_broken: Whether syncs fail with EIO now.
    """

    def __init__(self) -> None:
        self.count = 0
        self.is_broken = False
        self._listener = -1
        self._is_installed = threading.Event()
        threading.Thread(target=self._answer, daemon=True).start()

    def install(self) -> None:
        """Tap this thread and every one that it begins from now on."""
        numbers = NUMBERS[platform.machine()]
        code = b"".join(
            struct.pack("HBBI", *line)
            for line in (
                (LOAD, 0, 0, 0),
                (JUMP_IF_EQUAL, 2, 0, numbers.fsync),
                (JUMP_IF_EQUAL, 1, 0, numbers.fdatasync),
                (RETURN, 0, 0, ALLOW),
                (RETURN, 0, 0, NOTIFY),
            )
        )
        buffer = ctypes.create_string_buffer(code)
        program = Program(len(code) // 8, ctypes.addressof(buffer))
        library = ctypes.CDLL(None, use_errno=True)
        done = library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        assert done == 0
        self._listener = library.syscall(
            numbers.seccomp, SET_FILTER, NEW_LISTENER, ctypes.byref(program)
        )
        assert self._listener >= 0, errno.errorcode[ctypes.get_errno()]
        self._is_installed.set()

    def _answer(self) -> None:
        self._is_installed.wait()
        while True:
            notification = bytearray(NOTIFICATION_BYTES)
            fcntl.ioctl(self._listener, RECEIVE, notification)
            (number,) = struct.unpack_from("Q", notification)
            self.count += 1
            error, flags = (-errno.EIO, 0) if self.is_broken else (0, CONTINUE)
            fcntl.ioctl(
                self._listener, SEND, bytearray(struct.pack("QqiI", number, 0, error, flags))
            )
