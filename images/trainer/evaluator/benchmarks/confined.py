"""The program that runs code which a model wrote. It is started by itself, with its input as JSON on stdin, and imports
nothing of ours.

What is taken away cannot be had back: no network, no file opened for writing, no other process touched or started, and
bounds of memory and time. The exit code alone is no proof, since the code could end the process: the token is.
"""

import ctypes
import json
import os
import resource
import struct
import sys

# numbers of system calls by machine
SOCKET = {"x86_64": (41,), "aarch64": (198,)}
PROCESSES = {
    # fork vfork execve execveat, kill tkill tgkill, ptrace process_vm_readv process_vm_writev, pidfd_open
    # pidfd_send_signal
    "x86_64": (57, 58, 59, 322, 62, 200, 234, 101, 310, 311, 434, 424),
    "aarch64": (221, 281, 129, 130, 131, 117, 270, 271, 434, 424),
}
FILES = {
    # creat link unlink rename mkdir rmdir symlink chmod chown truncate ftruncate mknod and those with "at"; openat2
    "x86_64": (
        85,
        86,
        87,
        82,
        83,
        84,
        88,
        90,
        91,
        92,
        76,
        77,
        133,
        258,
        259,
        260,
        263,
        264,
        265,
        266,
        268,
        316,
        437,
        425,
    ),
    "aarch64": (33, 34, 35, 36, 37, 38, 45, 46, 52, 53, 54, 55, 276, 437, 425),
}
# (number of the call, place of its flags)
OPENING = {"x86_64": ((2, 1), (257, 2)), "aarch64": ((56, 2),)}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

LOAD, EQUAL, SET, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
UNCONFINED = 99


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def rules(machine: str) -> bytes:
    """A BPF program that refuses the calls above."""
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    for number in (*SOCKET[machine], *PROCESSES[machine], *FILES[machine]):
        lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    for number, place in OPENING[machine]:
        writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
        lines += [
            (EQUAL, 0, 4, number),
            (LOAD, 0, 0, ARGUMENTS + 8 * place),
            (SET, 0, 1, writing),
            (RETURN, 0, 0, REFUSE),
            (RETURN, 0, 0, ALLOW),
        ]
    lines.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def confine(seconds: int, memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    libc = ctypes.CDLL(None, use_errno=True)
    code = rules(os.uname().machine)
    buffer = ctypes.create_string_buffer(code)
    program = Program(len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(SECCOMP, FILTER, ctypes.byref(program)):
        os._exit(UNCONFINED)


def main() -> None:
    given = json.load(sys.stdin)
    told = os.dup(1)
    # what the code prints is nobody's business
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    try:
        confine(given["seconds"], given["memory"])
    except (OSError, KeyError, ValueError):
        os._exit(UNCONFINED)
    token = given.pop("token")
    exec(compile(given["code"], "answer", "exec"), {"__name__": "answer"})
    os.write(told, token.encode())
    os._exit(0)


if __name__ == "__main__":
    main()
