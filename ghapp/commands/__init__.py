"""What people can tell the bot: one command, one file; the table, and the grammar that reads it."""

from ghapp.commands.grammar import parse
from ghapp.commands.model import Command, Parsed
from ghapp.commands.table import BY_NAME, TABLE

__all__ = ["BY_NAME", "TABLE", "Command", "Parsed", "parse"]
