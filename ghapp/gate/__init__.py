"""The gate: the one door GitHub knocks at. It knows the webhook secret and the database, and nothing else."""

from ghapp.gate.app import Gate, create_gate

__all__ = ["Gate", "create_gate"]
