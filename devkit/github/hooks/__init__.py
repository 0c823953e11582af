"""Webhooks: payloads, signing, sending, the delivery log."""
