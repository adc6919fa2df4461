"""Every kind of tampering is refused, and the episode and turn at fault are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import SubmissionError
from agentgym.evaluation import ExpandedSuite, Setting, Suite
from agentgym.leaderboard import unpack, verify
from agentgym.leaderboard.bundle import Limits
from agentgym.leaderboard.echoes import Known, echo, notes
from agentgym.leaderboard.judging import Judgement, judge
from tests.agentgym.leaderboard.conftest import TASKS
from tests.agentgym.leaderboard.forgers import VICTIM
from tests.agentgym.leaderboard.forging import Case
from tests.agentgym.leaderboard.talker import BROKEN, TALKER
from tests.agentgym.leaderboard.tampers import ECHOES, TAMPERS, Tamper, table
from tests.agentgym.tampering import play
from tests.toys import TOY_ID


@pytest.fixture(scope="module")
def case() -> Case:
    setting = Setting(env=TOY_ID, tasks=TASKS, seeds=[0, 1, 2, 3], max_tokens=64)
    suite = Suite(name="toy", version=1, settings=[setting]).expand()
    return Case(suite, tuple(play(suite.episodes, TALKER)))


def _judged(data: bytes, suite: ExpandedSuite) -> Judgement:
    try:
        return judge(unpack(data), suite, Limits())
    except SubmissionError as error:
        return Judgement(str(error), error.episode, error.turn)


def test_the_honest_run__holds(case: Case) -> None:
    found = _judged(case.file(), case.suite)
    assert found.reason is None and len(found.episodes) == 24


def test_the_honest_run__has_what_is_worth_forging(case: Case) -> None:
    assert not case.run[VICTIM].success and case.run[0].success
    assert case.run[BROKEN].error is not None and len(case.run[BROKEN].steps) == 3
    assert all(t.steps[0].decision.token_ids is not None for t in case.run)


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.kind)
def test_tampering__is_refused_where_it_is(case: Case, tamper: Tamper) -> None:
    data = tamper.make(case)
    assert data != case.file()
    found = _judged(data, case.suite)
    assert found.reason is not None
    assert tamper.told in found.reason
    assert (found.episode, found.turn) == (tamper.episode, tamper.turn)
    assert len(found.reason) <= 1_000 and found.reason.isprintable()


def test_tampering__comes_in_many_kinds() -> None:
    kinds = [tamper.kind for tamper in (*TAMPERS, *ECHOES)]
    assert len(kinds) == len(set(kinds)) >= 100


def test_docs__show_every_kind() -> None:
    assert table() in (Path(__file__).parents[3] / "docs" / "leaderboard.md").read_text(encoding="utf-8")


def _known(case: Case, **changes: Any) -> Known:
    """Put the talker's honest run on the board, as entry 7."""
    found = _judged(case.file(), case.suite)
    words = {e.number: e.words for e in found.episodes if e.words is not None}
    told: dict[str, Any] = {"spec": TALKER, "options": {}, "submitter": "ann", "content_digest": "0" * 32}
    actions = {e.number: e.actions for e in found.episodes}
    return Known(title="entry 7", words=words, actions=actions, **{**told, **changes})


@pytest.mark.parametrize("tamper", ECHOES, ids=lambda tamper: tamper.kind)
def test_replays_of_anothers_words__are_refused(case: Case, tamper: Tamper) -> None:
    bundle = unpack(tamper.make(case))
    verdict = verify(bundle, case.suite, known=lambda episodes: [_known(case)], submitter="bob")
    assert not verdict.ok and verdict.reason is not None
    assert tamper.told in verdict.reason
    assert (verdict.episode, verdict.turn) == (tamper.episode, tamper.turn)


def test_echo__is_none_between_honest_agents(case: Case) -> None:
    for agent in ("talker:2", "oracle", "random"):
        run = play(case.suite.episodes, agent)
        data = case.file(run, agent={"spec": agent, "options": {}, "seed": 0})
        found = _judged(data, case.suite)
        assert found.reason is None
        assert echo(unpack(data).header, found.episodes, [_known(case)], "bob") is None


def test_echo__is_none_between_experts_who_say_nothing(case: Case) -> None:
    run = play(case.suite.episodes, "oracle")
    found = _judged(case.file(run, agent={"spec": "oracle", "options": {}, "seed": 0}), case.suite)
    actions = {e.number: e.actions for e in found.episodes}
    other = Known("entry 8", "expert:other", {}, "ann", "1" * 32, {}, actions)
    header = unpack(case.file(run, agent={"spec": "oracle", "options": {}, "seed": 0})).header
    assert all(e.words is None for e in found.episodes)
    assert echo(header, found.episodes, [other], "bob") is None
    assert "its actions are those of entry 8" in notes(header, found.episodes, [other], "bob")[0]


def test_echo__lets_the_same_submitter_agent_or_a_declared_twin_pass(case: Case) -> None:
    data = ECHOES[0].make(case)
    found, header = _judged(data, case.suite), unpack(data).header
    assert echo(header, found.episodes, [_known(case)], "bob") is not None
    assert echo(header, found.episodes, [_known(case)], "ann") is None
    assert echo(header, found.episodes, [_known(case, spec="hf:mine")], "bob") is None
    declared = header.model_copy(update={"reproduces": "0" * 32})
    assert echo(declared, found.episodes, [_known(case)], "bob") is None


def test_notes__tell_whose_words_were_let_pass(case: Case) -> None:
    data = ECHOES[0].make(case)
    found, header = _judged(data, case.suite), unpack(data).header
    declared = header.model_copy(update={"reproduces": "0" * 32})
    for words, known in ((declared, _known(case)), (header, _known(case, spec="hf:mine"))):
        told = notes(words, found.episodes, [known], "bob")
        assert len(told) == 1 and f"the very words of entry 7 by {known.spec}" in told[0]
    assert notes(header, found.episodes, [_known(case)], "ann") == ()
    here = _known(case, spec="hf:mine", submitter=None)
    assert notes(header, found.episodes, [here]) == ()
