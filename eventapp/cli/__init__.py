"""The eventapp command, one file per room."""
