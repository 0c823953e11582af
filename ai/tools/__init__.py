"""Tools as data: what a model may call, how each is described, what its arguments are.

The implementations live in `jobs.tools`; names, arguments and limits here are their contract.
"""
