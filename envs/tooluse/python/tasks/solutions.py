"""Functions that answer the program tasks. Experts run their source in the sandbox: each stands alone."""

from __future__ import annotations

__all__ = [
    "change",
    "collatz",
    "digit_sum",
    "divisible",
    "increasing",
    "last_one",
    "paths",
    "prime_after",
    "recurrence",
]


def digit_sum(base: int, exponent: int) -> int:
    """Add up the decimal digits of a power."""
    return sum(int(digit) for digit in str(base**exponent))


def divisible(low: int, high: int, one: int, other: int) -> int:
    """Count the integers from `low` to `high` that `one` divides and `other` does not."""
    return sum(number % one == 0 and number % other != 0 for number in range(low, high + 1))


def prime_after(number: int) -> int:
    """Find the smallest prime above a number."""
    while True:
        number += 1
        divisor = 2
        while divisor * divisor <= number and number % divisor:
            divisor += 1
        if number > 1 and divisor * divisor > number:
            return number


def recurrence(start: int, factor: int, term: int, modulus: int, steps: int) -> int:
    """Iterate x -> (factor x + term) mod modulus."""
    for _ in range(steps):
        start = (factor * start + term) % modulus
    return start


def increasing(numbers: list[int]) -> int:
    """Find the length of the longest strictly increasing subsequence."""
    lengths: list[int] = []
    for place, number in enumerate(numbers):
        before = [lengths[k] for k in range(place) if numbers[k] < number]
        lengths.append(1 + max(before, default=0))
    return max(lengths)


def change(total: int, coins: list[int]) -> int:
    """Count the multisets of coins that sum to `total`."""
    ways = [1] + [0] * total
    for coin in coins:
        for amount in range(coin, total + 1):
            ways[amount] += ways[amount - coin]
    return ways[total]


def paths(width: int, height: int, blocked: list[tuple[int, int]]) -> int:
    """Count the monotone paths through a grid that avoid the blocked cells."""
    ways = {(0, 0): 1}
    for column in range(width):
        for row in range(height):
            if (column, row) != (0, 0):
                before = ways[column - 1, row] if column else 0
                above = ways[column, row - 1] if row else 0
                ways[column, row] = 0 if (column, row) in blocked else before + above
    return ways[width - 1, height - 1]


def last_one(people: int, step: int) -> int:
    """Find who is left of a circle from which each `step`th leaves; people are numbered from 1."""
    left = 0
    for size in range(2, people + 1):
        left = (left + step) % size
    return left + 1


def collatz(low: int, high: int) -> int:
    """Find the start with the most steps to 1, the smallest of several."""
    best, most = low, -1
    for start in range(low, high + 1):
        number, steps = start, 0
        while number != 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
        if steps > most:
            best, most = start, steps
    return best
