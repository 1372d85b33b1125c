"""Trains the second reader; needs PyTorch, which the chatbot itself does not."""
