"""Reading level files: what is read, and what each fault is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentgym.errors import ArgumentError, LevelError
from envs.sokoban.env import SokobanEnv
from envs.sokoban.levels import parse_levels, read_levels
from envs.sokoban.text import board_rows
from tests.envs.sokoban.boards import CORRIDOR, TWO_BOXES

BOXOBAN = f"; 0{CORRIDOR}\n; 1{TWO_BOXES}\n"


def test_parse_levels__reads_boxoban_text() -> None:
    first, second = parse_levels(BOXOBAN)
    assert board_rows(first) == ["#######", "#@$_._#", "#######"]
    assert second.shape == (4, 8)


def test_parse_levels__reads_all_symbols_of_xsb() -> None:
    (board,) = parse_levels("Title: All\nAuthor: None\n\n #####--\n_#+$*.##\n #-_$  #\n ######-\r\n; end\n")
    assert board_rows(board) == ["_#####__", "_#+$*.##", "_#__$__#", "_######_"]


def test_parse_levels__agrees_with_itself_on_what_it_wrote() -> None:
    boards = parse_levels(BOXOBAN)
    again = parse_levels("\n\n".join("\n".join(board_rows(board)) for board in boards))
    assert [board.tobytes() for board in boards] == [board.tobytes() for board in again]


@pytest.mark.parametrize(
    ("level", "fault"),
    [
        ("#####\n# $.#\n#####", "no player"),
        ("######\n#@@$.#\n######", "2 players"),
        ("######\n#@+$ #\n######", "2 players"),
        ("######\n#@$.#\n######", "row 1 has 5 cells, its row 0 has 6"),
        ("######\n#@$..#\n######", "1 box but 2 targets"),
        ("######\n#@$$.#\n######", "2 boxes but 1 target"),
        ("#####\n#@ .#\n#####", "no box"),
        ("######\n#@$.x#\n######", "unknown character 'x' in row 1, column 4"),
        ("######\n#@$. \n######".replace(" \n", "  \n"), "not closed"),
        ("#####\n#@ *#\n#####", "solved already"),
    ],
)
def test_parse_levels__names_file_level_title_and_fault(level: str, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(f"; fine{CORRIDOR}\n; broken one\n{level}\n")
    with pytest.raises(LevelError) as caught:
        read_levels(file)
    message = str(caught.value)
    assert str(file) in message and "level 1 ('broken one')" in message and fault in message


@pytest.mark.parametrize("text", ["", "\n\n", "; 0\n; 1\n"])
def test_read_levels__refuses_a_file_without_levels(text: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.write_text(text)
    with pytest.raises(LevelError, match="holds no level"):
        read_levels(file)


def test_read_levels__refuses_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "noise.txt"
    file.write_bytes(b"\xff\xfe\x00#")
    with pytest.raises(LevelError, match="cannot be read"):
        read_levels(file)


@given(st.text(alphabet="#@$.*+ -_;x\n", max_size=60))
def test_parse_levels__raises_nothing_but_level_errors(text: str) -> None:
    try:
        boards = parse_levels(text)
    except LevelError:
        return
    assert all(board.size for board in boards)


def test_env__plays_the_levels_of_a_text() -> None:
    env = SokobanEnv(levels=BOXOBAN, split="validation")
    assert list(env.tasks("validation")) == ["levels/0", "levels/1"]
    assert list(env.tasks("train")) == []
    _, info = env.reset(options={"task": "levels/0"})
    assert (info["split"], info["admissible_actions"]) == ("validation", ("right",))


def test_env__plays_the_levels_of_a_file_or_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.xsb").write_text(BOXOBAN)
    assert list(SokobanEnv(levels=tmp_path / "sub" / "one.xsb").tasks("train")) == ["one/0", "one/1"]
    assert list(SokobanEnv(levels=str(tmp_path)).tasks("train")) == ["sub/one/0", "sub/one/1"]


def _boxoban_folder(root: Path) -> Path:
    for folder in ("unfiltered/train", "medium/valid", "hard"):
        (root / folder).mkdir(parents=True)
        (root / folder / "000.txt").write_text(BOXOBAN)
    return root


def test_env__maps_boxoban_folders_to_splits(tmp_path: Path) -> None:
    env = SokobanEnv(data=_boxoban_folder(tmp_path))
    assert list(env.tasks("train")) == ["unfiltered/train/000/0", "unfiltered/train/000/1"]
    assert list(env.tasks("validation")) == ["medium/valid/000/0", "medium/valid/000/1"]
    assert list(env.tasks("test")) == ["hard/000/0", "hard/000/1"]
    assert env.reset(options={"task": "hard/000/1"})[1]["split"] == "test"


def test_env__reads_the_data_folder_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTGYM_DATA", str(tmp_path))
    _boxoban_folder(tmp_path / "boxoban")
    assert len(SokobanEnv(levels="boxoban").tasks("train")) == 2
    monkeypatch.delenv("AGENTGYM_DATA")
    with pytest.raises(ArgumentError, match="AGENTGYM_DATA is not set"):
        SokobanEnv(levels="boxoban")


def test_env__says_which_splits_a_folder_has(tmp_path: Path) -> None:
    (tmp_path / "hard").mkdir()
    (tmp_path / "hard" / "000.txt").write_text(BOXOBAN)
    with pytest.raises(ArgumentError, match=r"no levels for the split 'train'\. It has test"):
        SokobanEnv(data=tmp_path)


@pytest.mark.data
def test_env__reads_real_boxoban_levels(data_root: Path) -> None:
    env = SokobanEnv(data=data_root / "boxoban", split="test")
    assert (len(env.tasks("test")), len(env.tasks("validation"))) == (2_000, 1_000)
    assert env.tasks("test")[17] == "hard/000/17"
    _, info = env.reset(options={"task": "medium/valid/000/999"})
    assert info["split"] == "validation" and info["extra"] == {"boxes": 4, "boxes_on_target": 0}
