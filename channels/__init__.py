"""Where parents talk to the bot: thin layers between Rasa and a browser or a messenger."""
