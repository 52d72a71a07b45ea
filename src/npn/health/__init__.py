"""The state of the service: can numbers be drawn, and what that rests on; one value for every page."""
