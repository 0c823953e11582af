"""The one gate for everything that the bot emits."""
