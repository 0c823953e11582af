"""How a repository is set up: its own configuration, what is detected without one, and its dependencies installed
once.
"""
