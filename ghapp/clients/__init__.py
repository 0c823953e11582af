"""Adapters to GitHub and Telegram: small frozen values in and out, errors named by what the caller can do."""
