"""What people type beside amoCRM: nine tables, read from a folder and checked row by row."""
