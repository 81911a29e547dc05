"""What it means: ledgers and marts as SQL."""
