"""Tables and hot SQL of the inbox; private to the room. Split by capability."""
