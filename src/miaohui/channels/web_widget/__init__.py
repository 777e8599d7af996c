"""The shop's own chat window on its pages: the reference channel, where everything can be tested end to end."""
