"""The outbox: mails waiting, leased, sent, failed."""
