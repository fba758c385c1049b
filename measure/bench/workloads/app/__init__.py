"""The code of the bench's image: it changes more often than what it imports."""
