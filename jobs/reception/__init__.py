"""From a delivery to a decision: who spoke, where, what GitHub says of them now, and what follows, in one transaction."""
