"""A seccomp filter: the system calls that strangers' code has no use for fail.

Resource limits count address space, files and processes; what follows from these calls they do not count:
memory behind descriptors and System V segments, keys, other namespaces, other processes' memory. The program
is classic BPF (Linux, include/uapi/linux/{filter,seccomp,audit}.h); each instruction is (code, jump if true,
jump if false, operand).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["filter_program"]

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NEW_NAMESPACES: Final = 0x7E020000  # the CLONE_NEW* flags
_X32: Final = 0x40000000

_EVERYWHERE: Final = (425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 442, 447, 448)
"""io_uring (3), open_tree, move_mount, fsopen ... fspick, pidfd_open, pidfd_getfd, mount_setattr,
memfd_secret, process_mrelease: numbered alike on every architecture."""
_CLONE3: Final = 435  # its flags are behind a pointer; "no such call" makes the C library use clone


class _Machine(NamedTuple):
    """An architecture: its AUDIT_ARCH number, its number of `clone`, and the numbers of calls that fail."""

    audit: int
    clone: int
    denied: tuple[int, ...]


_X86_64: Final = {
    "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68, "ptrace": 101, "personality": 135,
    "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166, "swapon": 167, "quotactl": 179,
    "mq_open": 240, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "splice": 275,
    "tee": 276, "vmsplice": 278, "inotify_init1": 294, "perf_event_open": 298, "fanotify_init": 300,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "memfd_create": 319, "bpf": 321, "userfaultfd": 323,
}  # fmt: skip
_AARCH64: Final = {
    "inotify_init1": 26, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60,
    "vmsplice": 75, "splice": 76, "tee": 77, "personality": 92, "unshare": 97, "ptrace": 117,
    "mq_open": 180, "msgget": 186, "semget": 190, "shmget": 194, "shmat": 196, "add_key": 217,
    "request_key": 218, "keyctl": 219, "swapon": 224, "perf_event_open": 241, "fanotify_init": 262,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "memfd_create": 279, "bpf": 280, "userfaultfd": 282,
}  # fmt: skip
_MACHINES: Final[Mapping[str, _Machine]] = {
    "x86_64": _Machine(0xC000003E, 56, tuple(_X86_64.values())),
    "aarch64": _Machine(0xC00000B7, 220, tuple(_AARCH64.values())),
}


def filter_program(machine: str) -> bytes | None:
    """Assemble the filter for `platform.machine()`; None where we do not know the numbers of its calls.

    The program: another architecture's calls kill; the denied numbers fail with EPERM, `clone3` and the x32
    calls with ENOSYS, and `clone` with EPERM where it asks for a namespace; anything else is let through.
    """
    if machine not in _MACHINES:
        return None
    audit, clone, denied = _MACHINES[machine]
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _FAIL | _ENOSYS),
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _FAIL | _ENOSYS),
    ]
    for number in (*denied, *_EVERYWHERE):
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _FAIL | _EPERM)]
    program += [
        (_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _FAIL | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
