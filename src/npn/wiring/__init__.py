"""The only composition: which parts a service is made of, and how a new one is set up."""
