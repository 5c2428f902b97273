"""Sets of whole numbers as intervals: sorted, disjoint, never touching, so that equal sets are equal tuples."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
"""First and last number, both in it."""

Intervals = tuple[Interval, ...]


def normal(pairs: Iterable[Interval]) -> Intervals:
    """Any intervals, overlapping or not, as a set."""
    merged: list[Interval] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def union(left: Intervals, right: Intervals) -> Intervals:
    """What is in either."""
    if not left or not right:
        return left or right
    return normal((*left, *right))


def intersection(left: Intervals, right: Intervals) -> Intervals:
    """What is in both."""
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            found.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(left: Intervals, right: Intervals) -> Intervals:
    """What is in the left one and not in the right one."""
    found: list[Interval] = []
    j = 0
    for low, high in left:
        while j < len(right) and right[j][1] < low:
            j += 1
        position, k = low, j
        while k < len(right) and right[k][0] <= high:
            if right[k][0] > position:
                found.append((position, right[k][0] - 1))
            position = right[k][1] + 1
            k += 1
        if position <= high:
            found.append((position, high))
    return tuple(found)
