"""A message in another version of its type: bridges described by files, what each of them loses, and their test."""
