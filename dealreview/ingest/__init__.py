"""Other people's files: reading, mapping and storing them without losing a row silently."""
