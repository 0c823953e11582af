"""Trajectories for people: read into plain values, shown as text or as a page."""
