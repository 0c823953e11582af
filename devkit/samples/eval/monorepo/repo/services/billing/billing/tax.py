"""Tax on amounts in cents."""

RATES = {"standard": 19, "reduced": 7, "zero": 0}


def tax(net_cents, rate="standard"):
    """The tax on a net amount, in whole cents, half a cent is rounded up."""
    return round(net_cents * RATES[rate] / 100)


def gross(net_cents, rate="standard"):
    return net_cents + tax(net_cents, rate)
