"""Every kind of tampering that verification is tested against, with the place that it must name.

python -m tests.agentgym.leaderboard.tampers        prints the table of docs/leaderboard.md
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from agentgym.leaderboard.bundle import Limits
from agentgym.leaderboard.bundle.frames import split_frames
from tests.agentgym.leaderboard.forgers import (
    VICTIM,
    added,
    another_record,
    better_stands_in,
    bomb,
    deep,
    doubled,
    duplicate_reward,
    flipped,
    frame,
    half,
    head,
    healed,
    lacking,
    lengthened,
    liar,
    line,
    only_wins,
    played,
    pretty,
    raw,
    renamed,
    retyped,
    rewards_moved,
    rewritten,
    shortened,
    step,
    suite,
    swap_frames,
    swapped_turns,
    top,
    trailer,
    unknown_key,
    unsealed,
    usage,
    verbose,
    whole,
    whole_file,
    winning_end,
    wins_alone,
    without,
)
from tests.agentgym.leaderboard.forging import Case, dumps, joined, raw_frame
from tests.agentgym.leaderboard.talker import BROKEN

__all__ = ["ECHOES", "TAMPERS", "Tamper", "table"]

LAST: Final = 5
"""The victim's last turn."""


@dataclass(frozen=True)
class Tamper:
    """One kind of tampering.

    Attributes:
        kind: What the adversary does.
        make: Makes the file.
        told: What the verdict must say.
        episode: The episode that it must name; None: the fault lies in none.
        turn: The turn that it must name; None: in none.
    """

    kind: str
    make: Callable[[Case], bytes]
    told: str
    episode: int | None = None
    turn: int | None = None


TAMPERS: Final = (
    # results
    Tamper("a reward raised", step(1, reward=0.9), "turn 1: reward is 0.9", VICTIM, 1),
    Tamper("a reward changed in its last digit", step(1, reward=5e-324), "reward is 5e-324", VICTIM, 1),
    Tamper("zero turned into negative zero", step(1, reward=-0.0), "reward is -0.0", VICTIM, 1),
    Tamper("rewards moved between turns, the sum kept", whole(rewards_moved), "reward", VICTIM, 1),
    Tamper("success claimed", step(-1, success=True), "success is True", VICTIM, LAST),
    Tamper("the score raised", step(-1, score=0.75), "score is 0.75", VICTIM, LAST),
    Tamper("progress raised", step(0, progress=0.875), "progress is 0.875", VICTIM, 0),
    Tamper("a whole winning end, consistent in itself", whole(winning_end), "reward is 1.0", VICTIM, LAST),
    Tamper("an observation rewritten", step(1, observation="You see the door."), "observation", VICTIM, 1),
    Tamper("the final observation rewritten",
        top(final_observation="You won."), "final_observation", VICTIM, LAST + 1),
    Tamper("a state key rewritten", step(1, state="0" * 16), "state is", VICTIM, 1),
    Tamper("an invalid action called valid", step(0, action="fly"), "valid is True", VICTIM, 0),
    Tamper("a valid action called invalid", step(0, valid=False), "valid is False", VICTIM, 0),
    Tamper("an early end", step(0, terminated=True), "terminated is True", VICTIM, 0),
    Tamper("an end by time claimed", step(-1, truncated=True), "truncated is True", VICTIM, LAST),
    # turns
    Tamper("an action exchanged for a better one", step(0, action="go west"), "turn 0", VICTIM, 0),
    Tamper("the last turn cut off", whole(shortened), "the recording stops", VICTIM, LAST),
    Tamper("a turn left out",
        whole(lambda t: replace(t, steps=t.steps[:1] + t.steps[2:])), "turn 1: observation is", VICTIM, 1),
    Tamper("two turns swapped", whole(swapped_turns), "turn 0", VICTIM, 0),
    Tamper("a winning turn added after the end",
        whole(lengthened), "the episode is over", VICTIM, LAST + 1),
    Tamper("all turns cut off", whole(lambda t: replace(t, steps=())), "the recording stops", VICTIM, 0),
    # errors
    Tamper("a finished failure excused as an error",
        top(error="agent: gone"), "the episode ends", VICTIM, LAST + 1),
    Tamper("an errored episode called finished",
        whole(lambda t: replace(t, error=None), BROKEN), "stops", BROKEN, 3),
    Tamper("an errored episode called a success", whole(healed, BROKEN), "reward is 1.0", BROKEN, 2),
    Tamper("an error without a reason", top(error=""), "expected a reason in words", VICTIM),
    Tamper("an error that is no text", top(error=[1]), "expected a reason in words", VICTIM),
    # episodes
    Tamper("an episode dropped",
        without(VICTIM), "episode 4 is missing: episode 5 stands in its place", VICTIM),
    Tamper("the last episode dropped", without(23), "episode 23 is missing; 23 of 24", 23),
    Tamper("all episodes dropped", lambda c: c.file([]), "episode 0 is missing; 0 of 24", 0),
    Tamper("failures dropped, the rest renumbered", wins_alone, "turn 2", 1, 2),
    Tamper("failures replaced by copies of wins", only_wins, "turn 2", 1, 2),
    Tamper("an episode added", lambda c: c.with_run(added), "episode 24 is not in", 24),
    Tamper("an episode there twice", lambda c: c.with_run(doubled), "episode 4 is there twice", VICTIM),
    Tamper("a win in a failure's place", lambda c: c.with_run(better_stands_in), "task_id", VICTIM),
    Tamper("episodes reordered", lambda c: c.with_run(swap_frames), "episode 4 is missing", VICTIM),
    Tamper("a negative episode number", top(episode=-1), "episode -1 is not in", -1),
    # starts and limits
    Tamper("an easier task, played honestly",
        played(task="test/1-west"), "task_id is 'test/1-west'", VICTIM),
    Tamper("a task of the training split, played honestly", played(task="train/3-east"), "task_id", VICTIM),
    Tamper("a luckier seed, played honestly",
        played(seed=1234), "seed is 1234; the suite demands 0", VICTIM),
    Tamper("an easier environment, played honestly",
        played(env_id="agentgym/ToyCalmCorridor-v0"), "env_id", VICTIM),
    Tamper("an easier argument, played honestly",
        played(env_kwargs={"wind": 0.0, "max_steps": 40}), "env_kwargs", VICTIM),
    Tamper("more steps, played honestly", played(env_kwargs={"max_steps": 400}), "env_kwargs", VICTIM),
    Tamper("a limit spelt as another type", top(env_kwargs={"max_steps": 40.0}), "env_kwargs", VICTIM),
    Tamper("the label of the task changed", top(task_id="test/1-west"), "task_id", VICTIM),
    Tamper("the label of the seed changed", top(seed=99), "seed is 99", VICTIM),
    Tamper("the label of the split changed", top(split="validation"), "split is 'validation'", VICTIM),
    Tamper("the group changed", top(group=77), "group is 77", VICTIM),
    Tamper("an argument that opens a file", top(env_kwargs={"data": "/etc/passwd"}), "env_kwargs", VICTIM),
    Tamper("more tokens than the suite allows",
        lambda c: c.record(VICTIM, verbose), "65 tokens; the suite allows 64", VICTIM, 2),
    # who and which version
    Tamper("an episode of another agent among one's own", top(agent="oracle"), "played by 'oracle'", VICTIM),
    Tamper("another agent in the header than in the episodes",
        head(agent={"spec": "hf:better", "options": {}, "seed": 0}), "played by 'talker:1'", 0),
    Tamper("a record of another run", another_record, "record says agent.spec = 'hf:better'"),
    Tamper("a newer version of the package", head(package="99.0.0"), "which cannot know"),
    Tamper("a version of the package that is none", head(package="0.1.0; rm"), "which is none"),
    Tamper("an episode of another version of the package",
        top(package="0.0.9"), "recorded by '0.0.9'", VICTIM),
    Tamper("another version of the environment", top(env_id="agentgym/ToyCorridor-v1"), "env_id", VICTIM),
    Tamper("another version of the suite", suite(version=2), "made for toy v2"),
    Tamper("another hash of the suite", suite(hash="0" * 32), "made for toy v1 (00000000)"),
    Tamper("another schema of the file", head(schema="agentgym.submission/2"), "schema"),
    Tamper("another schema of an episode", top(schema="agentgym.trajectory/2"), "schema", VICTIM),
    # numbers
    Tamper("NaN as reward", raw(2, reward=float("nan")), "Out of range float", VICTIM, 2),
    Tamper("infinity as score", raw(2, score=float("inf")), "Out of range float", VICTIM, 2),
    Tamper("a number beyond all floats",
        line(lambda x: x.replace(b'"reward":0.0', b'"reward":1e999', 1)), "Out of range float", VICTIM, 0),
    Tamper("an integer of 5,000 digits",
        line(lambda x: x.replace(b'"seed":0', b'"seed":' + b"9" * 5_000, 1)), "no JSON", VICTIM),
    Tamper("negative time", top(timing={"model_s": -5.0, "env_s": 0.0}), "model_s is -5.0", VICTIM),
    Tamper("fewer tokens claimed than there are ids",
        usage(completion_tokens=3.0), "16 token ids are there", VICTIM, 2),
    Tamper("half a token claimed", usage(completion_tokens=15.5), "no count", VICTIM, 2),
    Tamper("a negative cost", usage(cost=-1.0), "cost = -1.0", VICTIM, 2),
    Tamper("log-probabilities for other tokens",
        retyped("logprobs", [-1.0]), "1 logprobs are there for 16", VICTIM, 2),
    Tamper("a probability above one", retyped("logprobs", [0.5] * 16), "logprobs holds", VICTIM, 2),
    Tamper("a token id that is none", retyped("token_ids", [-1] * 16), "no token id", VICTIM, 2),
    Tamper("a token id beyond 64 bits", retyped("token_ids", [1 << 70] * 16), "too large", VICTIM, 2),
    Tamper("a book of text as one token",
        raw(2, response="x" * 20_000), "claimed to be 16 tokens", VICTIM, 2),
    # spelling
    Tamper("an edit without a new hash chain", unsealed, "chain breaks at turn 1", VICTIM, 1),
    Tamper("a key there twice in a turn", line(duplicate_reward), "not written as this package", VICTIM),
    Tamper("a key there twice in the header",
        lambda c: joined(dumps(c.header).replace(b'"name":', b'"name":"x","name":'), []),
        "header is not written"),
    Tamper("an unknown key in a turn",
        lambda c: c.record(VICTIM, unknown_key), "turn 2: it is not written", VICTIM, 2),
    Tamper("an unknown key in the header", head(admin=True), "admin"),
    Tamper("a key missing", lambda c: c.record(VICTIM, lacking), "KeyError('state')", VICTIM, 2),
    Tamper("an integer for a real number", retyped("reward", 0), "turn 2: it is not written", VICTIM, 2),
    Tamper("a text for a number", retyped("reward", "0.0"), "turn 2: it is not written", VICTIM, 2),
    Tamper("1 for true", retyped("valid", 1), "turn 2: it is not written", VICTIM, 2),
    Tamper("other spacing", line(pretty), "not written", VICTIM),
    Tamper("two episodes in one frame", lambda c: c.lines(lambda x: [x[0] + x[1], *x[2:]]), "one line", 0),
    Tamper("an episode in UTF-16",
        line(lambda x: x.decode().encode("utf-16")), "something else than one line", VICTIM),
    Tamper("raw bytes beyond ASCII", line(lambda x: x.replace(b"You", "Yoü".encode(), 1)), "ascii", VICTIM),
    Tamper("no JSON", line(lambda _: b"cos\nsystem\n"), "something else than one line", VICTIM),
    Tamper("an object instead of a list of turns", top(turns={}), "its turns: it is not written", VICTIM),
    Tamper("a list instead of an episode", line(lambda _: b"[]\n"), "schema", VICTIM),
    Tamper("100,000 nested lists", line(deep), "no JSON", VICTIM),
    # the file
    Tamper("cut off within a frame", whole_file(lambda x: x[:-7]), "cut off"),
    Tamper("cut off between frames",
        whole_file(lambda x: b"".join(split_frames(x, Limits())[:-1])), "trailer"),
    Tamper("garbage after the end", whole_file(lambda x: x + b"PK\x03\x04"), "No zstd frame begins"),
    Tamper("a skippable frame",
        whole_file(lambda x: x + b"\x50\x2a\x4d\x18\x04\x00\x00\x00junk"), "No zstd frame"),
    Tamper("a second submission behind the first", whole_file(lambda x: x + x), "trailer counts 24"),
    Tamper("a bit flipped in a frame", frame(VICTIM + 1, flipped), "is damaged", VICTIM),
    Tamper("gzip instead of zstd", whole_file(gzip.compress), "No zstd frame"),
    Tamper("an empty file", lambda _: b"", "empty"),
    Tamper("a bomb in an episode", frame(VICTIM + 1, bomb(40 << 20)), "of episode 4 becomes", VICTIM),
    Tamper("a bomb in the header", frame(0, bomb(2 << 20)), "of the header becomes"),
    Tamper("a frame that lies about its size", frame(VICTIM + 1, liar), "is damaged", VICTIM),
    Tamper("a frame that does not tell its size",
        frame(VICTIM + 1, partial(raw_frame, write_content_size=False, write_checksum=True)),
        "must declare its size", VICTIM),
    Tamper("a frame without a checksum", frame(VICTIM + 1, raw_frame), "carry a checksum", VICTIM),
    Tamper("a trailer of another file", frame(-1, trailer(digest="0" * 32)), "trailer's digest"),
    Tamper("a trailer that counts otherwise", frame(-1, trailer(episodes=23)), "trailer counts 23"),
    # names
    Tamper("a path as name of the suite", suite(name="../../../etc/passwd"), "made for ../../../etc/passwd"),
    Tamper("terminal escapes in the name", head(name="\x1b[2Jme"), "printable"),
    Tamper("text turned round in the name", head(name="\u202edesrever"), "printable"),
    Tamper("a model card beyond its limit", head(card="x" * 70_000), "card"),
)  # fmt: skip
"""All kinds that a file alone shows."""


ECHOES: Final = (
    Tamper("another's run under one's own name", renamed, "the very words of entry 7", 0),
    Tamper("the same, shouted and spaced out",
        rewritten(lambda text: text.upper().replace(" ", "  ...  ")), "the very words of entry 7", 0),
    Tamper("the same, invisible characters within its words",
        rewritten(lambda text: "\u200b".join(text)), "the very words of entry 7", 0),
    Tamper("the same, full points within its words and accents on them",
        rewritten(lambda text: text.replace("oo", "ó.o\u0301")), "the very words of entry 7", 0),
    Tamper("the same, in letters of another width",
        rewritten(lambda text: text.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)})),
        "the very words of entry 7", 0),
    Tamper("another's wins among one's own failures", half, "the very words of entry 7", 0),
)  # fmt: skip
"""Kinds that another's entry shows."""


def table() -> str:
    """Return the table in Markdown."""
    rows = ["| kind of tampering | place named | what the verdict says |", "|---|---|---|"]
    for tamper in (*TAMPERS, *ECHOES):
        places = (("episode", tamper.episode), ("turn", tamper.turn))
        place = ", ".join(f"{name} {number}" for name, number in places if number is not None)
        rows.append(f"| {tamper.kind} | {place or 'the file'} | {tamper.told} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
