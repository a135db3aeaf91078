"""Values only: frozen, no input or output, no clock."""
