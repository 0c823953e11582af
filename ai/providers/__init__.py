"""Models behind their real wires. The vendors' libraries are imported when a provider is made, never before."""
