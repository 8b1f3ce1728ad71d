"""What organisers do across rooms."""
