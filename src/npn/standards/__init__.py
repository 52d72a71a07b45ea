"""Standards: their versions, the products and installations that send and receive them, and what says so."""
