"""The door: deliveries in, an answer at once."""
