"""Orders made by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coach.core.hand_order import moved, place


def after(places: list[float], at: int, to: int) -> list[int]:
    """The order in which a list shows them then; those with equal places stay as they stood."""
    new = moved(places, at, to)
    wanted = list(range(len(places)))
    wanted.insert(to, wanted.pop(at))
    shown = sorted(wanted, key=lambda n: new.get(n, places[n]))
    assert shown == wanted
    return shown


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30), st.data())
def test_it_stands_where_it_was_put(places: list[float], data: st.DataObject) -> None:
    ends = st.integers(0, len(places) - 1)
    after(sorted(places), data.draw(ends), data.draw(ends))


def test_one_place_is_enough_while_there_is_room() -> None:
    assert moved([1.0, 2.0, 3.0], 0, 1) == {0: 2.5}
    assert moved([1.0, 2.0, 3.0], 0, 2) == {0: 4.0}
    assert moved([1.0, 2.0, 3.0], 2, 0) == {2: 0.0}
    assert moved([1.0], 0, 0) == {0: 0.0}


def test_between_equal_places_only_the_neighbours_move_apart() -> None:
    places = [0.0, *[5.0] * 3, *(float(n) for n in range(10, 40))]
    new = moved(places, 20, 2)
    assert set(new) <= {20, 1, 2, 3}
    assert after(places, 20, 2)[:4] == [0, 1, 20, 2]


def test_a_thousand_times_up_and_down_between_the_same_two() -> None:
    order, places = ["a", "b", "c"], {"a": 1.0, "b": 2.0, "c": 3.0}
    for _ in range(1000):
        for at, to in ((2, 1), (1, 2), (0, 1)):
            new = moved([places[x] for x in order], at, to)
            places |= {order[n]: value for n, value in new.items()}
            order.insert(to, order.pop(at))
            assert sorted(order, key=places.__getitem__) == order


def test_what_is_new_comes_last() -> None:
    assert place(None, 1_760_000_000_000, 3) < place(None, 1_760_000_000_000, 4) < place(None, 1_760_000_000_001, 1)
    assert place(2.5, 1_760_000_000_000, 3) == 2.5
