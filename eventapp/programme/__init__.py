"""Programme sessions and the people who appear in them."""
