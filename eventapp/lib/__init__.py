"""Ground floor: knows no word of the trade."""
