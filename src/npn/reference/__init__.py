"""REST as data: every operation with its examples, and the OpenAPI document made of them."""
