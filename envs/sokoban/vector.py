"""A vector of Sokoban environments whose boards move together, in one `BatchSokoban`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from agentgym.api import Facts, Info
from agentgym.errors import ArgumentError
from envs.sokoban.batch import BatchSokoban
from envs.sokoban.env import SokobanEnv
from envs.sokoban.report import describe_batch, encode_shape, facts, refusal
from envs.sokoban.rewards import RewardName
from envs.sokoban.text import parse_action

__all__ = ["SokobanVectorEnv"]

_Bools = NDArray[np.bool_]
_Results = tuple[tuple[str, ...], NDArray[np.float64], _Bools, _Bools, dict[str, Any]]


class SokobanVectorEnv(SyncVectorEnv[tuple[str, ...], Sequence[str]]):
    """Steps all boards with one call of the rules; results are those of Gymnasium's `SyncVectorEnv`.

    The environments in `envs` stay what they are: their boards are rows of the batch, and a step tells each
    what has become of it. Levels that begin at the same time are generated together.

    One environment is stepped after the other where the boards differ in size, as files of levels may have
    it, where an action is no text or too long a one, and in the other autoreset modes.

    Args:
        num_envs: Number of environments.
        autoreset_mode: As in Gymnasium; by default an ended episode restarts at the next step.
        reward: As in `SokobanEnv`.
        kwargs: The other constructor arguments of `SokobanEnv`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
        reward: RewardName = "gym-sokoban",
        **kwargs: Any,
    ) -> None:
        if num_envs < 1:
            raise ArgumentError(f"`num_envs` is {num_envs}. It must be at least 1.")
        make = partial(SokobanEnv, reward=reward, **kwargs)
        super().__init__([make] * num_envs, copy=False, autoreset_mode=autoreset_mode)
        self._members = cast(list[SokobanEnv], self.envs)
        for env in self._members:
            env._source = self._members[0]._source  # one store of levels for all
        self._reward = reward
        self._batch: BatchSokoban | None = None

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Start an episode in every environment, or in those of `options["reset_mask"]`.

        Args:
            seed: Of the first environment, the next one's being one more; or one for each.
            options: As in `SokobanEnv.reset`, and "reset_mask", bool, shape (num_envs,).

        Returns:
            Observations (a tuple of texts) and infos.

        Raises:
            UnknownNameError: There is no such task or option.
        """
        with self._boards_made_together() as begun:
            super().reset(seed=seed, options=options)
        observations: list[Any] = self._env_obs
        infos = dict[str, Any]()
        for index in begun:
            observations[index] = self._members[index]._describe()
            infos = self._add_info(infos, self._members[index]._info(), index)
        self._observations = tuple(observations)
        return self._observations, infos

    def step(self, actions: Sequence[str]) -> _Results:
        """Act in every environment; one whose episode has ended starts the next one instead.

        Args:
            actions: One text for each environment.

        Returns:
            Observations (a tuple of texts), rewards, terminations and truncations of shape (num_envs,), and
            infos.

        Raises:
            ArgumentError: There are more or fewer actions than environments.
        """
        if self.autoreset_mode != AutoresetMode.NEXT_STEP:
            return super().step(actions)
        if len(actions) != self.num_envs:
            raise ArgumentError(f"There are {len(actions)} actions for {self.num_envs} environments.")
        begun = self._autoreset_envs
        if begun.any():
            with self._boards_made_together():
                for index in np.flatnonzero(begun).tolist():
                    self._members[index].reset()
        batch = self._joined() if self._are_plain(actions) else None
        results = self._step_each(actions, begun) if batch is None else self._step_all(batch, actions, begun)
        self._observations = results[0]
        self._rewards[:], self._terminations[:], self._truncations[:] = results[1:4]
        self._env_obs[:] = cast(list[None], results[0])  # Gymnasium's type for texts to come
        self._autoreset_envs = self._terminations | self._truncations
        return results

    @contextmanager
    def _boards_made_together(self) -> Iterator[list[int]]:
        """Let resets only draw tasks; make the boards at the end and list whose they are."""
        begun: list[int] = []
        for env in self._members:
            env._board_later = True
        try:
            yield begun
        finally:
            begun += [index for index, env in enumerate(self._members) if env._board_due]
            for env in self._members:
                env._board_later = env._board_due = False
            envs = [self._members[index] for index in begun]
            boards = self._members[0]._source.boards([str(env.task_id) for env in envs])
            for env, board in zip(envs, boards, strict=True):
                env._take(board)

    def _are_plain(self, actions: Sequence[str]) -> bool:
        """Whether episodes run everywhere, and the rules alone decide what the actions do."""
        running = not any(env._over or env._off_target == 0 for env in self._members)
        return running and all(map(self.single_action_space.contains, actions))

    def _joined(self) -> BatchSokoban | None:
        """Bring the batch up to date with the environments; None where boards differ in size."""
        boards = [env._board for env in self._members]
        if self._batch is None or any(board.shape != self._batch.boards.shape[1:] for board in boards):
            if len({board.shape for board in boards}) > 1:
                return None
            self._batch = BatchSokoban(np.stack(boards), reward=self._reward)
        rows = self._batch.boards
        apart = [index for index, board in enumerate(boards) if board.base is not rows]
        if apart:
            rows[apart] = [boards[index] for index in apart]
            for index in apart:
                self._members[index]._board = rows[index]
        self._batch.players[:] = [env._player for env in self._members]
        self._batch.off_target[:] = [env._off_target for env in self._members]
        return self._batch

    def _step_all(self, batch: BatchSokoban, actions: Sequence[str], begun: _Bools) -> _Results:
        skipped = begun.tolist()
        directions = [None if skip else parse_action(a) for a, skip in zip(actions, skipped, strict=True)]
        moves = np.array([-1 if direction is None else direction for direction in directions], dtype=np.int8)
        rewards, terminations, valid = batch.step(moves)
        rewards[begun], valid[begun] = 0.0, True
        observations = describe_batch(batch.boards, as_grid=self._members[0]._as_grid)
        for k in np.flatnonzero(~valid).tolist():
            why = refusal(actions[k], directions[k], int(batch.outcomes[k]))
            observations[k] = f"{why}\n{observations[k]}"
        told = zip(batch.players.tolist(), batch.off_target.tolist(), valid.tolist(), strict=True)
        truncations = [
            False if skip else env._settle(*news)
            for env, skip, news in zip(self._members, skipped, told, strict=True)
        ]
        return tuple(observations), rewards, terminations, np.array(truncations), self._infos(batch)

    def _infos(self, batch: BatchSokoban) -> dict[str, Any]:
        """Merge the infos of boards in the batch without making each."""
        count, height, width = batch.boards.shape
        cells, size, shape = batch.boards.tobytes(), height * width, encode_shape(height, width)
        states = [shape + cells[start : start + size] for start in range(0, count * size, size)]
        boxes = [env._boxes for env in self._members]
        true = map(facts, states, boxes, batch.off_target.tolist(), batch.legal_moves().tolist())
        columns: dict[str, Sequence[Any]] = dict(zip(Facts._fields, zip(*true, strict=True), strict=True))
        columns["task_id"] = [env._task for env in self._members]
        columns["split"] = [env._task_split for env in self._members]
        columns["action_valid"] = [env._valid for env in self._members]
        return _merge({key: columns[key] for key in Info.__annotations__})

    def _step_each(self, actions: Sequence[str], begun: _Bools) -> _Results:
        results = [
            (env._describe(), 0.0, False, False, env._info()) if skip else env.step(action)
            for env, skip, action in zip(self._members, begun.tolist(), actions, strict=True)
        ]
        observations, rewards, terminations, truncations, infos = zip(*results, strict=True)
        ends = np.array(terminations), np.array(truncations)
        return observations, np.array(rewards, dtype=np.float64), *ends, merge_infos(infos)


def merge_infos(infos: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge infos of equal keys as Gymnasium does: a column for each key and a mask that is true throughout.

    Args:
        infos: One info for each environment.

    Returns:
        For a key k an array "k" of shape (num_envs,) and a mask "_k"; a dictionary in the infos becomes one
        such dictionary.
    """
    return _merge({key: [info[key] for info in infos] for key in infos[0]})


def _merge(columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    merged = dict[str, Any]()
    for key, column in columns.items():
        merged[key] = merge_infos(column) if isinstance(column[0], dict) else _array(column)
        merged[f"_{key}"] = np.ones(len(column), dtype=np.bool_)
    return merged


def _array(column: Sequence[Any]) -> NDArray[Any]:
    kind = type(column[0])
    if kind in (int, float, bool):
        return np.array(column, dtype=kind)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    return array
