from __future__ import annotations

import itertools
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.tooluse.search.env import SearchQAEnv
from envs.tooluse.search.world import SPLITS, TYPES, numbered, world_of, world_question, write_documents

ID = "agentgym/SearchQA-v0"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a corpus and questions."""
    monkeypatch.setenv("AGENTGYM_CACHE", str(tmp_path / "cache"))
    documents = [
        {"id": "nile", "contents": '"Nile"\nThe Nile flows through Egypt and ends in the Mediterranean.'},
        {"id": "rhine", "contents": '"Rhine"\nThe Rhine flows through Germany and ends in the North Sea.'},
        {"id": "elbe", "contents": '"Elbe"\nThe Elbe flows through Bohemia.'},
    ]
    question = {"question": "Where does the Rhine end?", "golden_answers": ["North Sea", "the sea"]}
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents))
    (tmp_path / "questions").mkdir()
    (tmp_path / "questions" / "train.jsonl").write_text(
        json.dumps({**question, "gold_ids": ["rhine"]}) + "\n"
    )
    (tmp_path / "questions" / "dev.jsonl").write_text(json.dumps(question) + "\n")
    return tmp_path


def _files(folder: Path, **kwargs: Any) -> SearchQAEnv:
    return SearchQAEnv(corpus=folder / "corpus.jsonl", questions=folder / "questions", **kwargs)


@pytest.mark.slow
def test_id__keeps_the_contract() -> None:
    check_text_env(ID, episodes=3, resets=2000)


@pytest.mark.parametrize("action_format", ["hermes", "openai", "react", "xml-tags", "pycall"])
def test_id__keeps_the_contract_in_every_format(action_format: str) -> None:
    kwargs = {"action_format": action_format, "format_penalty": 1.0, "tool_bonus": 0.1, "metric": "f1"}
    check_text_env(ID, env_kwargs=kwargs, episodes=1, resets=1, processes=False)


def test_files__keep_the_contract(files: Path) -> None:
    kwargs = {"corpus": str(files / "corpus.jsonl"), "questions": str(files / "questions")}
    check_text_env(ID, env_kwargs=kwargs, episodes=1, resets=1, processes=False)


def test_oracle__finds_the_gold_documents_and_answers() -> None:
    env = SearchQAEnv(split="test")
    for task in env.tasks("test")[:40]:
        _, info = env.reset(options={"task": task})
        assert info["progress"] == 0.0
        terminated = False
        while not terminated:
            _, reward, terminated, _, info = env.step(env.oracle_action())
        extra = info["extra"]
        assert reward == 1.0 and info["success"]
        assert extra["gold_found"] == len(env.gold_documents()) and extra["stratum"] <= 3
        assert set(env.gold_documents()) <= set(extra["retrieved"])


def test_env__speaks_as_search_r1() -> None:
    env = SearchQAEnv()
    env.reset(options={"task": "train/1-hop/0"})
    (title,) = world_question("train/1-hop/0").gold
    observation, reward, *_, info = env.step(f"<think>who?</think> <search>{title}</search>")
    assert observation.startswith(f'<information>Doc 1(Title: "{title}") ')
    assert observation.endswith("</information>") and observation.count("Doc ") == 3
    assert reward == 0.0 and len(info["extra"]["documents"]) == 3
    observation, *_, info = env.step("<search>zzzz</search>")
    assert "No document holds" in observation and info["extra"]["documents"] == []
    assert info["extra"]["stratum"] == 2 and info["extra"]["gold_found"] == 1
    (answer,) = env.reference_answer()
    _, reward, terminated, *_, info = env.step(f"<answer>The {answer.upper()}.</answer>")
    assert reward == 1.0 and terminated and info["extra"]["tool_calls"] == []


def test_env__a_text_without_a_tag_costs_the_penalty() -> None:
    env = SearchQAEnv(format_penalty=1.0)
    env.reset(seed=0)
    observation, reward, terminated, *_ = env.step("I will search now.")
    assert reward == -1.0 and not terminated and "<search>" in observation
    _, reward, *_, info = env.step("<search>never closed")
    assert reward == -1.0 and not info["action_valid"]


def test_env__the_bonus_is_for_right_answers_that_were_searched_for() -> None:
    env = SearchQAEnv(tool_bonus=0.1, metric="f1")
    task = "train/2-hop/0"
    answer = world_question(task).answers[0]
    for searches, said, reward in (
        ([], answer, 1.0),
        (["zzzz"], answer, 1.0),
        (["city"], answer, 1.1),
        (["city"], "nothing of it", 0.0),
    ):
        env.reset(options={"task": task})
        for query in searches:
            env.step(f"<search>{query}</search>")
        assert env.step(f"<answer>{said}</answer>")[1] == pytest.approx(reward)


def test_env__f1_pays_for_parts() -> None:
    env = SearchQAEnv(metric="f1")
    env.reset(options={"task": "train/compare/0"})
    _, last = env.reference_answer()[0].rsplit(" ", 1)
    _, reward, *_, info = env.step(f"<answer>{last} of Nowhere</answer>")
    assert 0.0 < reward < 1.0 and not info["success"] and info["score"] == reward


def test_env__tells_no_truth() -> None:
    env = SearchQAEnv(types=["2-hop", "3-hop"])
    for task in env.tasks("validation")[:60]:
        observation, info = env.reset(options={"task": task})
        goal = info["instruction"].partition("Tools:")[0]
        facts = {key: value for key, value in info["extra"].items() if key != "tools"}
        told = json.dumps([observation, goal, facts])
        assert env.reference_answer()[0] not in told and "golden" not in told


def test_state_key__is_the_set_of_documents_found() -> None:
    env = SearchQAEnv()
    keys = []
    for queries in (("mayor", "river"), ("river", "mayor"), ("river",)):
        env.reset(options={"task": "train/1-hop/1"})
        for query in queries:
            *_, info = env.step(f"<search>{query}</search>")
        keys.append(info["state_key"])
    assert keys[0] == keys[1] != keys[2]


def test_env__a_copy_shares_the_library() -> None:
    env = SearchQAEnv()
    env.reset(seed=0)
    env.step("<search>mayor</search>")
    assert len(pickle.dumps(env)) < 100_000


def test_files__are_played(files: Path) -> None:
    env = _files(files)
    assert (list(env.tasks("train")), list(env.tasks("validation")), list(env.tasks("test"))) == (
        ["train/0"],
        ["validation/0"],
        [],
    )
    env.reset(options={"task": "train/0"})
    *_, info = env.step(env.oracle_action())
    assert info["extra"]["documents"][0] == "rhine" and info["progress"] == 1.0
    assert env.step("<answer>The North Sea</answer>")[1] == 1.0
    env.reset(options={"task": "validation/0"})
    assert env.gold_documents() == ()
    assert env.step("<answer>a sea</answer>")[1] == 1.0


def test_files__one_file_of_questions_is_of_the_split(files: Path) -> None:
    env = SearchQAEnv(
        corpus=files / "corpus.jsonl", questions=files / "questions" / "train.jsonl", split="test", top_k=1
    )
    assert list(env.tasks("test")) == ["test/0"] and not env.tasks("train")


def test_files__a_question_may_hold_any_character(files: Path) -> None:
    record = {"question": "One\u2028two\x85 three?", "golden_answers": ["x"]}
    path = files / "questions" / "train.jsonl"
    path.write_text(json.dumps(record, ensure_ascii=False) + "\r\n", "utf-8", newline="")
    assert _files(files).reset(options={"task": "train/0"})[0] == record["question"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is no JSON"),
        ("3", "no JSON object"),
        ('{"golden_answers": ["x"]}', "'question' is None"),
        ('{"question": "x"}', "'golden_answers' is None"),
        ('{"question": "x", "golden_answers": []}', "needs an answer"),
        ('{"question": "x", "golden_answers": [1]}', "list of texts"),
        ('{"question": "x", "golden_answers": "y", "gold_ids": {}}', "'gold_ids' is {}"),
    ],
)
def test_files__a_broken_question_is_named(files: Path, line: str, reason: str) -> None:
    path = files / "questions" / "train.jsonl"
    path.write_text(f'{{"question": "q", "golden_answers": "a"}}\n{line}\n')
    with pytest.raises(DataError, match=re.escape(f"{path}, line 2")) as raised:
        _files(files)
    assert reason in str(raised.value)


def test_files__missing_ones_are_named(files: Path) -> None:
    with pytest.raises(DataError, match="There is no"):
        SearchQAEnv(corpus=files / "none", questions=files / "questions")
    (files / "empty").mkdir()
    with pytest.raises(DataError, match=r"holds none of train\.jsonl"):
        SearchQAEnv(corpus=files / "corpus.jsonl", questions=files / "empty")
    with pytest.raises(ArgumentError, match="`corpus` is missing"):
        SearchQAEnv(questions=files / "questions")


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"types": ["4-hop"]}, "no type of question named '4-hop'"),
        ({"types": []}, "`types` is empty"),
        ({"metric": "bleu"}, "no metric named 'bleu'"),
        ({"top_k": 0}, "from 1 to 50"),
        ({"top_k": 1.5}, "an integer from 1 to 50"),
        ({"top_k": "3"}, "an integer from 1 to 50"),
        ({"tool_bonus": float("nan")}, "0 or more"),
        ({"tool_bonus": "0.1"}, "0 or more"),
        ({"format_penalty": True}, "0 or more"),
        ({"action_format": "search-r2"}, "no action format"),
        ({"split": "dev"}, "no split named 'dev'"),
    ],
)
def test_env__wrong_arguments_say_what_is_wrong(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        SearchQAEnv(**kwargs)


def test_env__an_unknown_split_is_named() -> None:
    with pytest.raises(UnknownNameError, match="no split named 'dev'"):
        SearchQAEnv().tasks("dev")


def test_world__splits_share_no_name_and_no_question() -> None:
    names = [set(world_of(split).things) for split in SPLITS]
    questions = [{world_question(task).text for task in numbered(split, TYPES)[:400]} for split in SPLITS]
    for one, other in itertools.combinations(range(3), 2):
        assert not names[one] & names[other]
        assert not questions[one] & questions[other]


def test_world__documents_tell_every_fact() -> None:
    world = world_of("validation")
    articles = {document.title: document.text for document in write_documents(world, "validation")}
    for thing in world.things.values():
        assert all(value in articles[thing.name] for value in thing.facts.values())


def test_world__answers_follow_from_the_gold_documents() -> None:
    world = world_of("test")
    articles = {document.title: document.text for document in write_documents(world, "test")}
    for task in numbered("test", ("1-hop", "2-hop", "3-hop"))[:150]:
        question = world_question(task)
        assert len(question.gold) == int(task.split("/")[1][0])
        assert question.gold[0] in question.text
        for here, there in itertools.pairwise(question.gold):
            assert there in articles[here] and there not in question.text
        assert question.answers[0] in articles[question.gold[-1]]


def test_world__comparisons_are_right() -> None:
    world = world_of("train")
    for task in numbered("train", ("compare",))[:60]:
        question = world_question(task)
        years = {name: int(_year(dict(world.things[name].facts))) for name in question.gold}
        assert min(years, key=lambda name: years[name]) == question.answers[0]


def _year(facts: dict[str, str]) -> str:
    return facts.get("birth year") or facts["year"]
