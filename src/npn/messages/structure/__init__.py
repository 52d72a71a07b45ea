"""What the XML schema says of a version, as data of our own, and the check that gives the schema's verdict."""
