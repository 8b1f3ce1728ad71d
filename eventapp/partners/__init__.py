"""Partnerships in protocol order."""
