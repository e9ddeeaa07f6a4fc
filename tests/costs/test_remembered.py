"""What is remembered stays within bounds: so many answers, and no more than they may weigh together."""

from __future__ import annotations

from finops.costs.remembered import Remembered


def test_an_answer_is_made_once_until_it_is_forgotten() -> None:
    made: list[str] = []
    kept = Remembered(2)

    def ask(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [ask(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert [ask(key) for key in "cba"] == ["C", "B", "A"]
    assert made == ["a", "b", "c", "a"]


def test_heavy_answers_are_forgotten_before_there_are_many() -> None:
    made: list[int] = []
    kept = Remembered(100, most=10, weigh=len)

    def ask(rows: int) -> int:
        return len(kept.get(rows, lambda: made.append(rows) or [0] * rows))

    assert [ask(rows) for rows in (4, 6, 4, 3, 4)] == [4, 6, 4, 3, 4]
    assert made == [4, 6, 3]
    assert ask(6) == 6
    assert made == [4, 6, 3, 6]


def test_one_answer_heavier_than_all_may_be_is_kept_alone() -> None:
    made: list[int] = []
    kept = Remembered(100, most=10, weigh=len)
    for rows in (5, 50, 50, 5):
        kept.get(rows, lambda rows=rows: made.append(rows) or [0] * rows)
    assert made == [5, 50, 5]
