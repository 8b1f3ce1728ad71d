"""What the public sees across rooms."""
