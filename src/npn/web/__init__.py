"""The pages, for people: rendered here, Danish and English, complete without JavaScript.

How to add one: docs/web-design.md.
"""
