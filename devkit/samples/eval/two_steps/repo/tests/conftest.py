import pytest


@pytest.fixture
def boiling():
    return 100
