"""Rasa graph components: thin wrappers of `guide`."""
