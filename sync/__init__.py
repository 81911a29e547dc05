"""How records get from a source to the warehouse."""
