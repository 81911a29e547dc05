"""What the outside says: connectors to the systems we copy from."""
