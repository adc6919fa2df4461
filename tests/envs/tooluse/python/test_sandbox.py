from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agentgym.errors import ArgumentError
from envs.tooluse.python.sandbox import (
    BubblewrapSandbox,
    Limits,
    Outcome,
    RlimitProcess,
    SandboxError,
    open_sandbox,
)
from envs.tooluse.python.sandbox.attacks import ATTACKS, LIMITS, Attack
from envs.tooluse.python.sandbox.identity import claimed_uid
from envs.tooluse.python.sandbox.seccomp import filter_program
from envs.tooluse.python.sandbox.selftest import checkup

_ORDINARY = 12_345


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_sandbox__holds_off(sandbox: BubblewrapSandbox, attack: Attack) -> None:
    told = sandbox.run([attack.code])
    assert attack.held(told), told


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="already an ordinary user: the other tests show it")
def test_self_test__holds_for_an_ordinary_user_too(sandbox: BubblewrapSandbox) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(_ORDINARY)
        os.setuid(_ORDINARY)
        os.write(writing, checkup().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        assert answer.read() == f"holds off {len(ATTACKS)} of {len(ATTACKS)} attacks"
    os.waitpid(child, 0)


def test_sandbox__reaches_no_listener_of_the_host(sandbox: BubblewrapSandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as hidden:
        hidden.bind("\0agentgym-test-listener")
        hidden.listen()
        port = listener.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()  # it can be reached from here
        code = f"""
import socket
for family, address in ((2, ("127.0.0.1", {port})), (1, "\\0agentgym-test-listener")):
    try:
        socket.socket(family).connect(address)
    except ConnectionRefusedError:
        print("refused")
"""
        assert sandbox.run([code]) == Outcome("ok", "refused\nrefused\n")


def test_sandbox__cannot_read_a_file_that_all_may_read(sandbox: BubblewrapSandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    secret.chmod(0o666)
    told = sandbox.run([f"open({str(secret)!r}).read()"])
    assert told.ending == "error" and "FileNotFoundError" in told.output


def test_sandbox__leaves_nothing_in_the_host_tmp(sandbox: BubblewrapSandbox) -> None:
    name = f"agentgym-left-{os.getpid()}"
    told = sandbox.run([f"open('/tmp/{name}', 'w').write('x')\nimport os\nos.listdir('/tmp')"])
    assert told == Outcome("ok", f"['{name}']\n")
    assert not Path("/tmp", name).exists()
    assert sandbox.run(["import os\nos.listdir('/tmp')"]) == Outcome("ok", "[]\n")


@pytest.mark.parametrize("last", ["", "while True: pass"])
def test_sandbox__leaves_no_process(sandbox: BubblewrapSandbox, last: str) -> None:
    code = "import os, time\nfor _ in range(2):\n    if os.fork() == 0:\n        os.setsid(); time.sleep(9)\n"
    replace(sandbox, limits=Limits(cpu_s=1, wall_s=0.5)).run([code + last])
    deadline = time.monotonic() + 5
    while _sandboxed() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _sandboxed()


def _sandboxed() -> list[int]:
    """Processes below this one that run the program of the sandbox."""
    return [pid for pid in _children(os.getpid()) if b"RLIMIT_NPROC" in _command_line(pid)]


def _children(root: int) -> list[int]:
    family = dict(_parents())
    return [pid for pid in family if _descends(pid, family, root)]


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            yield int(entry.name), int(stat.rpartition(")")[2].split()[1])


def _descends(pid: int, family: dict[int, int], root: int) -> bool:
    while pid in family:
        pid = family[pid]
        if pid == root:
            return True
    return False


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_sandbox__ends_with_its_parent(sandbox: BubblewrapSandbox) -> None:
    program = (
        "from envs.tooluse.python.sandbox import BubblewrapSandbox, Limits\n"
        "BubblewrapSandbox(Limits(wall_s=60)).run(['import time; time.sleep(60)'])"
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    while not _sandboxed():
        assert parent.poll() is None
        time.sleep(0.05)
    children = _children(parent.pid)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while any(map(_command_line, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_command_line, children))


def test_sandbox__inherits_no_descriptor_that_is_inheritable(
    sandbox: BubblewrapSandbox, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    descriptor = os.open(secret, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        told = sandbox.run([f"import os\nos.read({descriptor}, 7)"])
    finally:
        os.close(descriptor)
    assert told.ending == "error" and "Bad file descriptor" in told.output


def test_sandbox__shows_value_and_output_of_the_last_cell_alone(sandbox: BubblewrapSandbox) -> None:
    assert sandbox.run(
        ["x = 1\nprint('first')", "x += 1; import sys; sys.stderr.write('!')", "print(x)\nx * 10"]
    ) == (Outcome("ok", "2\n20\n"))


def test_sandbox__same_code_same_output(sandbox: BubblewrapSandbox) -> None:
    code = "import random\nprint(random.random(), {'a', 'b', 'c', 'd'}, object(), hash('x'))"
    assert sandbox.run([code]) == sandbox.run([code])


@pytest.mark.parametrize(
    ("code", "ending", "output"),
    [
        ("", "ok", ""),
        ("None", "ok", ""),
        ("print('no newline', end='')", "ok", "no newline"),
        ("é = 'ü'; é", "ok", "'ü'\n"),
        ("\ud800", "error", None),
        ("1 +", "error", None),
        ("x\x00y", "error", None),
        ("raise SystemExit(3)", "error", ""),
        ("class A:\n    def __repr__(self): return 1\nA()", "error", None),
        ("(" * 5000 + ")" * 5000, "error", None),
        ("input()", "error", None),
    ],
)
def test_sandbox__tells_how_code_ends(
    sandbox: BubblewrapSandbox, code: str, ending: str, output: str | None
) -> None:
    told = sandbox.run([code])
    assert told.ending == ending
    assert output is None or told.output == output
    assert "boot" not in told.output and "<string>" not in told.output


def test_sandbox__keeps_both_ends_of_a_long_output(sandbox: BubblewrapSandbox) -> None:
    told = sandbox.run(["print('a' * 100_000 + 'b')"])
    assert told.output.startswith("a" * 2000) and told.output.endswith("ab\n")
    assert len(told.output) < LIMITS.shown + 100


def test_sandbox__runs_in_many_threads_at_once(sandbox: BubblewrapSandbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: sandbox.run([f"{n} * {n}"]).output, range(24)))
    assert told == [f"{n * n}\n" for n in range(24)]


def test_sandbox__leaks_no_descriptor(sandbox: BubblewrapSandbox) -> None:
    sandbox.run(["1"])
    before = _descriptors()
    for _ in range(5):
        sandbox.run(["1"])
    assert _descriptors() == before


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root chooses users")
def test_claimed_uid__is_held_by_one_at_a_time() -> None:
    code = (
        "from envs.tooluse.python.sandbox.identity import claimed_uid\nwith claimed_uid() as uid: print(uid)"
    )
    with claimed_uid() as first, claimed_uid() as second:
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
        assert len({first, second, int(other.stdout)}) == 3
    with claimed_uid() as again:
        assert again == first


def test_open_sandbox__without_bubblewrap_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        open_sandbox()
    assert "apt-get install bubblewrap" in checkup()


def test_open_sandbox__where_bubblewrap_fails_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder, "bwrap")
        broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        if os.geteuid() == 0:  # the sandbox's user may not enter the folder
            with pytest.raises(SandboxError, match="Permission denied"):
                open_sandbox()
        Path(folder).chmod(0o755)
        with pytest.raises(SandboxError, match="No permissions to create new namespace"):
            open_sandbox()


def test_open_sandbox__unsafe_only_when_asked_for() -> None:
    with pytest.raises(ArgumentError, match="allow_unsafe=True"):
        open_sandbox("rlimit")
    assert isinstance(open_sandbox("rlimit", allow_unsafe=True), RlimitProcess)
    with pytest.raises(ArgumentError, match="Did you mean 'bwrap'"):
        open_sandbox("bwarp")  # type: ignore[arg-type]


def test_rlimit__bounds_time_memory_and_output() -> None:
    unsafe = open_sandbox("rlimit", limits=replace(LIMITS, wall_s=120), allow_unsafe=True)
    assert unsafe.run(["6 * 7"]) == Outcome("ok", "42\n")
    assert unsafe.run(["while True: pass"]).ending == "cpu"
    assert "MemoryError" in unsafe.run(["bytearray(2 << 30)"]).output
    assert "was cut" in unsafe.run(["while True: print('x' * 10**5)"]).output


@pytest.mark.parametrize("wrong", [{"cpu_s": 0}, {"wall_s": -1.0}, {"processes": 2}, {"memory_mb": 10**9}])
def test_limits__reject_what_cannot_bound(wrong: dict[str, int]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        Limits(**wrong)


def test_filter_program__unknown_machine_has_none() -> None:
    assert filter_program("pdp11") is None
    for machine in ("x86_64", "aarch64"):
        program = filter_program(machine)
        assert program is not None and len(program) % 8 == 0
