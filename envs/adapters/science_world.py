"""ScienceWorld, in its own Java machine."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from functools import cache, partial
from itertools import groupby
from typing import Any, Final

from agentgym.api import Facts, Transition
from agentgym.errors import ArgumentError, require, suggest
from agentgym.hashing import canonical_json, state_key
from envs.adapters.engine import OutsideEnv

__all__ = ["ScienceWorldEnv"]

_VARIATIONS: Final[Mapping[str, int]] = {
    "boil": 30,
    "change-the-state-of-matter-of": 30,
    "chemistry-mix": 32,
    "chemistry-mix-paint-secondary-color": 36,
    "chemistry-mix-paint-tertiary-color": 36,
    "find-animal": 300,
    "find-living-thing": 300,
    "find-non-living-thing": 300,
    "find-plant": 300,
    "freeze": 30,
    "grow-fruit": 126,
    "grow-plant": 126,
    "identify-life-stages-1": 14,
    "identify-life-stages-2": 10,
    "inclined-plane-determine-angle": 168,
    "inclined-plane-friction-named-surfaces": 1386,
    "inclined-plane-friction-unnamed-surfaces": 162,
    "lifespan-longest-lived": 125,
    "lifespan-longest-lived-then-shortest-lived": 125,
    "lifespan-shortest-lived": 125,
    "measure-melting-point-known-substance": 436,
    "measure-melting-point-unknown-substance": 300,
    "melt": 30,
    "mendelian-genetics-known-plant": 120,
    "mendelian-genetics-unknown-plant": 480,
    "power-component": 20,
    "power-component-renewable-vs-nonrenewable-energy": 20,
    "test-conductivity": 900,
    "test-conductivity-of-unknown-substances": 600,
    "use-thermometer": 540,
}
"""Number of variations of each task in scienceworld 1.2, as the engine tells them."""
_FLEETING: Final = "uuid"
_NUMBER: Final = re.compile(r"-\d+$")  # of an object, which differs from load to load: "table-17277"
_CONTAINED: Final = re.compile(r"\(containing ([^()]*)\)")
_LONGEST: Final = 1000
_UNKNOWN: Final = "No known action matches that input."
_JAVA: Final = ("-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UnlockExperimentalVMOptions", "-XX:hashCode=2")
"""Options of the Java machine: every object gets the same hash, so that a set is walked as it was filled.

Heat flows from object to object in that order, and by default the order is another one in each run."""
_STARTING: Final = threading.Lock()


class ScienceWorldEnv(OutsideEnv):
    """Do an experiment of elementary science in a house with a kitchen, a workshop and a greenhouse.

    Description:
        ScienceWorld (Wang et al. 2022) in its own engine, which needs Java 17: thirty kinds of tasks, such as
        boiling, growing plants, genetics and circuits, with 10 to 1,386 variations each. Every instance runs
        a Java machine of its own (about 200 MB).

    Observation:
        What the engine says, its lists sorted: it makes them in an order that changes from load to load.

    Action:
        Commands such as "open door to kitchen", "focus on thermometer". A number answers a question of the
        engine about what is meant.

    Reward:
        The change of the score, in hundredths; the score goes from 0 to 1. A grave mistake (focusing on the
        wrong thing) ends the episode with score 0.

    Start:
        A variation of the split, drawn by the seed or named by `options={"task": "boil/3"}`. The splits are
        ScienceWorld's: half of each task's variations, then a quarter, then the rest. The seed decides what
        the engine draws while it is played.

    End:
        Terminated when the task is done or failed; truncated after `max_steps` steps.

    Arguments:
        simplifications: ScienceWorld's, such as "easy" or "teleportAction,openDoors"; "" for none.
        admissible: Whether admissible actions are listed (a step then takes about 30 times as long).
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: "ansi" or None.

    Extra info:
        `look` and `inventory`, which cost the engine no time.

    Not promised:
        The expert is ScienceWorld's own action sequence: it helps from the start on, not after other actions,
        and for some tasks it is longer than the default of `max_steps`.

    Version history:
        v0: first version, of scienceworld 1.2.

    References:
        Wang et al. 2022, ScienceWorld, https://arxiv.org/abs/2203.07540.
    """

    def __init__(
        self,
        *,
        simplifications: str = "easy",
        admissible: bool = False,
        split: str = "train",
        max_steps: int = 100,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        require("scienceworld", extra="scienceworld", who=self.name)
        if shutil.which("java") is None:
            raise ArgumentError(
                f"{self.name} needs Java, and there is no `java`. Install Java 17: make setup-system"
            )
        self._simplifications, self._admissible = simplifications, admissible

    def _open(self) -> _Science:
        return _Science(self._simplifications, self._admissible)

    def tasks(self, split: str) -> Sequence[str]:
        """List the variations of a split, those of one task after those of another."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return _tasks(self.splits.index(split))

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the kind of task."""
        return task.rpartition("/")[0]


@cache
def _tasks(split: int) -> tuple[str, ...]:
    listed: list[str] = []
    for name, count in _VARIATIONS.items():
        half, quarters = count // 2, count * 3 // 4
        numbers = (range(half), range(half, quarters), range(quarters, count))[split]
        listed += (f"{name}/{number}" for number in numbers)
    return tuple(listed)


class _Science:
    """The engine behind its bridge."""

    def __init__(self, simplifications: str, admissible: bool) -> None:
        self._world = _world()
        classes = self._world._gateway.jvm.java.lang.Class
        self._random = classes.forName("scala.util.Random$").getField("MODULE$").get(None)
        self._simplifications, self._admissible = simplifications, admissible
        self._task, self._actions, self._chance_drawn = "", list[str](), 0
        self._gold: tuple[str, list[str]] = ("", [])
        self._score, self._over = 0.0, False

    def variations(self) -> dict[str, int]:
        """Number of variations of each task, sorted by name."""
        return {name: self._world.get_max_variations(name) for name in sorted(self._world.get_task_names())}

    def start(self, task: str, chance: int) -> str:
        """Start a task."""
        self._chance_drawn = chance
        self._load(task, gold=False)
        return _sorted(self._world.server.step("look around"))

    def act(self, action: str) -> Transition:
        """Give the engine a command."""
        if len(action) > _LONGEST or not action.isprintable():
            return Transition(f"An action is printable and has at most {_LONGEST} characters.", valid=False)
        before = self._score
        observation = _sorted(self._world.server.step(action))
        if observation.startswith(_UNKNOWN):
            return Transition(f"{_UNKNOWN} Nothing was done.", valid=False)
        self._actions.append(action)
        self._score = float(self._world.server.getScore())
        failed = self._score < 0
        self._over = failed or bool(self._world.server.getCompleted())
        self._score = max(self._score, 0.0)
        return Transition(observation, self._score - before, terminated=self._over)

    def facts(self) -> Facts:
        """Report the state: the engine's tree of objects, without their numbers."""
        tree = _lasting(self._world.getObjectTree())
        done = self._over and self._score >= 1
        return Facts(
            instruction=str(self._world.taskdescription()),
            state_key=state_key(canonical_json([self._task, self._over, self._score, tree])),
            progress=self._score,
            score=self._score,
            success=done,
            admissible_actions=self._choices(),
            extra={"look": _sorted(self._world.look()), "inventory": _sorted(self._world.inventory())},
        )

    def expert(self) -> str:
        """Return the next action of the engine's own solution."""
        if self._gold[0] != self._task:
            self._gold = (self._task, self._solution())
        return self._gold[1][len(self._actions)] if len(self._actions) < len(self._gold[1]) else "look around"

    def close(self) -> None:
        """Stop the Java machine, and tidy up what the bridge leaves behind."""
        self._world.close()
        self._world._obj_tree_tempdir.cleanup()
        process = self._world._gateway.java_process
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()

    def _load(self, task: str, *, gold: bool) -> None:
        name, _, number = task.rpartition("/")
        self._world.load(name, int(number), self._simplifications, gold)
        self._world.server.reset()
        self._random.setSeed(self._chance_drawn)
        self._task, self._actions, self._score, self._over = task, [], 0.0, False

    def _solution(self) -> list[str]:
        """Let the engine solve the task, which it does while loading, and return to where the episode was."""
        played = list(self._actions)
        self._load(self._task, gold=True)
        solution = [str(action) for action in self._world.server.getGoldActionSequence()]
        self.start(self._task, self._chance_drawn)
        for action in played:
            self.act(action)
        return solution

    def _choices(self) -> tuple[str, ...] | None:
        if not self._admissible:
            return None
        return tuple(sorted(map(str, self._world.get_valid_action_object_combinations())))


def _world() -> Any:
    """Start the engine with our options for its Java machine, which its constructor does not take."""
    from scienceworld import scienceworld

    with _STARTING:
        launch = scienceworld.launch_gateway
        scienceworld.launch_gateway = partial(launch, javaopts=list(_JAVA))
        try:
            return scienceworld.ScienceWorldEnv("", None, envStepLimit=10**9)
        finally:
            scienceworld.launch_gateway = launch


def _sorted(told: object) -> str:
    """Sort the lists in what the engine says: lines that are indented, and what a thing contains."""
    text = _CONTAINED.sub(lambda found: f"(containing {', '.join(sorted(found[1].split(', ')))})", str(told))
    lines: list[str] = []
    for indented, block in groupby(text.split("\n"), key=lambda line: line.startswith("\t")):
        listed = list(block)
        lines += sorted(listed) if indented else listed
    return "\n".join(lines)


def _lasting(tree: Any) -> Any:
    """Leave out of a tree what differs between two plays of the same actions."""
    if isinstance(tree, Mapping):
        kept = (
            [_NUMBER.sub("", str(key)), _lasting(value)] for key, value in tree.items() if key != _FLEETING
        )
        return sorted(kept, key=canonical_json)
    if isinstance(tree, list):
        return [_lasting(item) for item in tree]
    return str(tree)
