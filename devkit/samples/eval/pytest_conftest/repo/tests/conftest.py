import pytest

from stock import Stock


@pytest.fixture
def stock():
    return Stock(10)
