"""The store: plain functions that take a session and values and return frozen values. The caller owns the
transaction.
"""
