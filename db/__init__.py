"""The database of a workspace: schema and queries, answered with frozen dataclasses."""
