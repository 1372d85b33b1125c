"""Measures the guide on labelled messages: danger signs, topics, verdicts."""
