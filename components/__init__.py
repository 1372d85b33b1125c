"""Rasa graph components: thin wrappers of `guide`."""

from components import forgetting

forgetting.install()
