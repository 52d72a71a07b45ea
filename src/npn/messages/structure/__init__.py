"""The check of a message against its version, which gives the verdict of the XML schema, and the words for it."""
