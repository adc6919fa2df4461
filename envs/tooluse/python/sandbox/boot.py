"""The program inside the sandbox: it lowers its own limits, then runs the cells it reads. Not for import.

Standard input: a line of integers - CPU seconds, bytes of memory, bytes of a file, processes, and the length
of each cell - and then the cells, in UTF-8, one after the other. The output of all cells but the last is
dropped; where the last one ends in an expression, its value is printed.
"""

import _ast  # with compile(), all of `ast` that is needed, without its 10 ms
import os
import resource
import sys
from types import TracebackType

_ONLY_AST = 0x400


def _restrict(cpu_s: int, memory: int, file: int, processes: int) -> None:
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 1),
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_FSIZE, file, file),
        (resource.RLIMIT_NPROC, processes, processes),
        (resource.RLIMIT_NOFILE, 32, 32),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))


def _mute() -> tuple[int, int]:
    """Drop all output; return what `_unmute` needs."""
    shown, null = (os.dup(1), os.dup(2)), os.open("/dev/null", os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    return shown


def _unmute(shown: tuple[int, int]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    for stream, kept in enumerate(shown, 1):
        os.dup2(kept, stream)


def _run(cell: str, names: dict[str, object]) -> None:
    tree = compile(cell, "<cell>", "exec", _ONLY_AST)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, _ast.Expr):
        exec(compile(tree, "<cell>", "exec"), names)
        return
    tree.body.pop()
    exec(compile(tree, "<cell>", "exec"), names)
    value = eval(compile(_ast.Expression(last.value), "<cell>", "eval"), names)
    if value is not None:
        print(repr(value))  # noqa: T201 - printing is what it is for


def _report(error: BaseException) -> None:
    """Print the traceback from the cell's first frame on."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != "<cell>":
        trace = trace.tb_next
    sys.stdout.flush()
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _read() -> tuple[list[int], list[str]]:
    with open(0, "rb") as file:
        header, _, rest = file.read().partition(b"\n")
    os.open("/dev/null", os.O_RDONLY)  # becomes the new standard input
    numbers = [int(word) for word in header.split()]
    cells, start = [], 0
    for length in numbers[4:]:
        cells.append(rest[start : start + length].decode("utf-8"))
        start += length
    return numbers[:4], cells


def main() -> None:
    """Read limits and cells, and run them."""
    limits, cells = _read()
    _restrict(*limits)
    if any("random" in cell for cell in cells):
        import random

        random.seed(0)  # the same code gives the same output
    names: dict[str, object] = {"__name__": "__main__"}
    try:
        if cells[:-1]:
            shown = _mute()
            for cell in cells[:-1]:
                try:  # noqa: SIM105 - contextlib takes milliseconds to import
                    _run(cell, names)
                except SystemExit:
                    pass  # it ended that cell, but does not end the next ones
            _unmute(shown)
        _run(cells[-1], names)
    except Exception as error:
        _report(error)
        sys.exit(1)


main()
