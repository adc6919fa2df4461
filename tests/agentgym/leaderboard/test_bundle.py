"""The submission file: round trips, one JSONL text, and no bytes that do worse than be refused."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from agentgym.errors import SubmissionError
from agentgym.evaluation import ExpandedSuite, Setting, Suite
from agentgym.leaderboard import Header, read_bundle, unpack
from agentgym.leaderboard.bundle import Curve, Limits, content_digest, pack
from agentgym.leaderboard.bundle.frames import close_frame, split_frames
from tests.agentgym.leaderboard.forging import header_of
from tests.agentgym.leaderboard.talker import TALKER
from tests.agentgym.tampering import play
from tests.toys import TOY_ID


def _suite() -> ExpandedSuite:
    return Suite(name="toy", version=1, settings=[Setting(env=TOY_ID, tasks=3)]).expand()


SUITE = _suite()
RUN = play(SUITE.episodes, TALKER)
WORDS: dict[str, Any] = {
    "name": "täl ker",
    "description": "naïve <b>text</b> \x1b[31m \u202e \0",
    "card": "# Ünïcode\n" * 100,
    "curve": Curve(metric="success", points=((0, 0.1), (8, 0.30000000000000004))),
    "record": {"packages": {"numpy": "2.0"}, "nested": [1, 2.5, None, {"a": True}]},
}
HEADER = header_of(SUITE, **WORDS)
FILE = pack(HEADER, RUN)


def test_bundle__survives_its_way_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(FILE)
    bundle = read_bundle(tmp_path / "x")
    assert bundle.header == HEADER and bundle.to_bytes() == FILE
    assert [t.to_json() for t in bundle.trajectories()] == [t.to_json() for t in RUN]
    assert bundle.trajectory(1).to_json() == RUN[1].to_json()
    assert bundle.episodes == 3 and pack(bundle.header, bundle.trajectories()) == FILE


def test_bundle__is_one_text_of_json_lines(tmp_path: Path) -> None:
    command = shutil.which("zstd")
    if command is None:
        text = b"".join(zstandard.ZstdDecompressor().decompress(f) for f in split_frames(FILE, Limits()))
    else:
        (tmp_path / "x.zst").write_bytes(FILE)
        text = subprocess.run(
            [command, "-dc", str(tmp_path / "x.zst")], capture_output=True, check=True
        ).stdout
    header, *episodes, trailer = (json.loads(line) for line in text.splitlines())
    assert header["schema"] == trailer["schema"] == "agentgym.submission/1"
    assert [e["episode"] for e in episodes] == [0, 1, 2] and trailer["episodes"] == 3
    assert text.isascii()


def test_content_digest__knows_what_was_played_and_no_clock() -> None:
    slower = [t.without_timing() for t in RUN]
    assert content_digest(RUN) == content_digest(slower) != content_digest(RUN[:-1])


@pytest.mark.parametrize("number", [-1, 3])
def test_bundle__has_no_other_episodes(number: int) -> None:
    with pytest.raises(SubmissionError, match="the submission has 3"):
        unpack(FILE).line(number)


def _consumed(data: bytes) -> None:
    """Read all of a file."""
    for trajectory in unpack(data).trajectories():
        trajectory.to_json()


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_unpack__refuses_every_changed_byte(place: int, change: int) -> None:
    data = bytearray(FILE)
    data[place] ^= change
    try:
        _consumed(bytes(data))
    except SubmissionError:
        return
    bundle = unpack(bytes(data))  # a byte of the compression may be spelt otherwise: what it says may not
    assert (bundle.header, [t.to_json() for t in bundle.trajectories()]) == (
        HEADER,
        [t.to_json() for t in RUN],
    )


@given(st.integers(0, len(FILE) - 1))
@settings(max_examples=60, deadline=None)
def test_unpack__refuses_every_cut(length: int) -> None:
    with pytest.raises(SubmissionError):
        _consumed(FILE[:length])


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_unpack__refuses_any_bytes(data: bytes) -> None:
    with pytest.raises(SubmissionError):
        _consumed(b"\x28\xb5\x2f\xfd" + data)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8)
)
@settings(max_examples=100, deadline=None)
def test_header__refuses_any_other_line(value: object) -> None:
    with pytest.raises(SubmissionError, match="header"):
        Header.from_line(json.dumps(value).encode() + b"\n")


def test_unpack__holds_no_bomb_in_memory() -> None:
    bomb = zstandard.ZstdCompressor(level=1, write_checksum=True).compress(bytes(1 << 28))
    frames = split_frames(FILE, Limits())
    tracemalloc.start()
    for place in range(len(frames)):
        with pytest.raises(SubmissionError, match="becomes 268435456 bytes"):
            _consumed(b"".join([*frames[:place], bomb, *frames[place + 1 :]]))
    assert tracemalloc.get_traced_memory()[1] < 1 << 25
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(file_bytes=100), "at most 100 are taken"),
        (Limits(episodes=2), "more than 2 episodes"),
        (Limits(header_bytes=10), "of the header becomes"),
    ],
)
def test_unpack__keeps_its_limits(limits: Limits, told: str) -> None:
    with pytest.raises(SubmissionError, match=told):
        unpack(FILE, limits)


@pytest.mark.parametrize(
    ("limits", "told"),
    [(Limits(episode_bytes=10), "of episode 0 becomes"), (Limits(total_bytes=6_000), "Up to episode")],
)
def test_trajectories__keep_their_limits(limits: Limits, told: str) -> None:
    with pytest.raises(SubmissionError, match=told):
        list(unpack(FILE, limits).trajectories(limits))


def test_split_frames__walks_frames_of_every_shape() -> None:
    rng = random.Random(0)
    texts = [b"", b"x", bytes(200_000), rng.randbytes(300_000), b"ab" * 70_000]
    frames = [
        zstandard.ZstdCompressor(level=level, write_checksum=check, write_content_size=size).compress(text)
        for text in texts
        for level in (1, 19)
        for check in (True, False)
        for size in (True, False)
    ]
    assert list(split_frames(b"".join(frames), Limits())) == frames
    assert [zstandard.decompress(close_frame(text)) for text in texts] == texts
