"""From a delivery to a decision: who spoke, where, what GitHub says of them now; what follows in one transaction."""
