"""The code, its QR, PDF and calendar file, drawn from plain values."""
