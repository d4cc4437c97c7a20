"""What a protocol is: the language, and the protocol families written in it."""
