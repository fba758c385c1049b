"""The code of the large image: small, and the part of it that changes most often."""

# Changing this line is the "code changed" scenario: every layer but the last stays as it is.
__version__ = "1.0.0"
