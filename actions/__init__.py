"""Rasa SDK actions: slots in, `guide`'s words out. Each file holds one action."""
