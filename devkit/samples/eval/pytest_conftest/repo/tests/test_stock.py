def test_what_is_taken_is_gone(stock):
    assert stock.take(3) == 7


def test_everything_can_be_taken(stock):
    assert stock.take(10) == 0
