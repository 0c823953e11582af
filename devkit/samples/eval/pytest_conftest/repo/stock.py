"""Pieces on the shelf."""


class Stock:
    def __init__(self, pieces):
        self.pieces = pieces

    def take(self, wanted):
        """Take so many pieces; how many are left."""
        self.pieces -= wanted
        return self.pieces
