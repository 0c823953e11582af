from intervals import Interval, merge


def test_nothing_stays_nothing():
    assert merge([]) == []


def test_what_overlaps_becomes_one():
    assert merge([Interval(1, 5), Interval(3, 8)]) == [Interval(1, 8)]


def test_what_is_apart_stays_apart_and_in_order():
    assert merge([Interval(7, 9), Interval(1, 2)]) == [Interval(1, 2), Interval(7, 9)]
