"""Claim, run, sleep: mails and recurring duties."""
