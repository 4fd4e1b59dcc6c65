"""The curves of models along their lineages, for the dashboard and for figures."""
