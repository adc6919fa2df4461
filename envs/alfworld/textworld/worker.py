"""The process that plays one game at a time on TextWorld: `python -m envs.alfworld.textworld.worker`.

It answers each line of its input, a JSON object, with one line of output:

    {"begin": <record of a game>}   start this game; null starts the last one again
    {"act": <command>}              carry out a command

An answer is `{"observation", "admissible", "won", "facts"}`, where facts are `[name, *ids]` and only those
that can change, and where receptacles stand; or `{"error": <what TextWorld raised>}`. The first line is
`{"ready": true}`. The process ends when its input does, in the middle of a step too.

TextWorld prints, and its planner swaps `sys.stdout`. Both talk to the error output: the answers have a file
descriptor of their own.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final, TextIO

_TOLD: Final = frozenset(
    {
        "atlocation",
        "receptacleatlocation",
        "objectatlocation",
        "opened",
        "holds",
        "inreceptacle",
        "not_inreceptacle",
        "isclean",
        "ishot",
        "iscool",
        "issliced",
        "istoggled",
    }
)


class Player:
    """A game on the stock classes, as ALFWorld stacks them."""

    def __init__(self) -> None:
        from alfworld.agents.environment.alfred_tw_env import AlfredDemangler
        from textworld.core import EnvInfos
        from textworld.envs.pddl import PddlEnv

        self._env = AlfredDemangler(PddlEnv(EnvInfos(won=True, admissible_commands=True)))

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a request says."""
        if "act" in request:
            return _told(self._env.step(request["act"])[0])
        if request["begin"] is not None:
            self._env.load(request["begin"])
        return _told(self._env.reset())


def _told(state: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "observation": state["feedback"],
        "admissible": list(state["admissible_commands"]),
        "won": bool(state["won"]),
        "facts": [
            [fact.name, *(each.name for each in fact.arguments)]
            for fact in state["_facts"]
            if fact.name in _TOLD
        ],
    }


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when the game is over
    requests, answers = _take_pipes()
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, lines), daemon=True).start()
    player = Player()
    _say(answers, {"ready": True})
    while True:
        request = json.loads(lines.get())
        try:
            answer = player.answer(request)
        except Exception as error:  # whatever the stock code raises belongs to the parent
            answer = {"error": f"{type(error).__name__}: {error}"}
        _say(answers, answer)


def _take_pipes() -> tuple[TextIO, TextIO]:
    """Keep the pipes to the parent for the protocol alone; leave the stock code none of them."""
    requests, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def _listen(requests: TextIO, lines: queue.SimpleQueue[str]) -> None:
    for line in requests:
        lines.put(line)
    os._exit(0)  # the parent is gone: nobody waits for what the main thread is doing


def _say(answers: TextIO, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
