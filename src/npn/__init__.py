"""NPN platform: one number for every laboratory sample in a country."""

__version__ = "0.2.0"
