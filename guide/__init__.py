"""The domain core of the Gut-Skin Guide: plain Python over spaCy and YAML, free of Rasa."""
