"""Carrying out effects: one file per kind of target, each idempotent, each reading back what it cannot be sure of."""
