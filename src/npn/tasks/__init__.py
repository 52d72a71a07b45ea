"""Tasks: what needs somebody today, made from the rooms' facts; who looks after it, until when it is put off."""
