"""The request kinds of batchUpdate: each takes a draft, an editor and a body, and returns its reply."""
