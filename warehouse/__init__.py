"""What we keep: one DuckDB file."""
