"""Repeatable randomness: a number from (seed, words) alone, so that no figure depends on the order of drawing."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def key(*words: object) -> int:
    """A 64-bit number that is the same for the same words in every process."""
    text = "\x1f".join(map(str, words))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def unit(*words: object) -> float:
    """A number in [0, 1) from the words alone."""
    return (key(*words) >> 11) / 2**53


def unit_matrix(keys: NDArray[np.uint64], ordinals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers in [0, 1), one per (key, day ordinal): shape (len(keys), len(ordinals)). Mixing after splitmix64."""
    state = keys[:, None] + ordinals.astype(np.uint64)[None, :] * _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX[0]
    state = (state ^ (state >> np.uint64(27))) * _MIX[1]
    bits = (state ^ (state >> np.uint64(31))) >> np.uint64(11)
    return np.asarray(bits / np.float64(2**53), dtype=np.float64)
