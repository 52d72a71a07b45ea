"""How systems call: over plain HTTP or TLS, with which certificate, and how plain HTTP is phased out."""
