"""Recipes, data, scores, the queue and the processes: everything that needs no screen."""
