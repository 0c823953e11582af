"""The probes of `devtask doctor`: each takes the settings, asks the real thing, and returns findings."""
