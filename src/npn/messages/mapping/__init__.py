"""EDIFACT and back: one program that runs over the `edifact` part of each version's file."""
