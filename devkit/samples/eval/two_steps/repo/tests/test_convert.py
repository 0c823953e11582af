import convert


def test_water_boils_at_212(boiling):
    assert convert.to_fahrenheit(boiling) == 212


def test_both_scales_meet():
    assert convert.to_fahrenheit(-40) == -40
