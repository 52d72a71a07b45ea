"""Secrets are kept encrypted: a private signing key or a second factor's secret in clear is refused by the database.

What is there in clear is encrypted by `npn admin init` after this step: the key is not the database's to know.
"""

from alembic import op

from npn.db.sealing import PRIVATE_JWK, SEALED_LIKE, TOTP_SECRET

revision = "0019"
down_revision = "0018"
compatible_since = "0019"  # an older program writes these in clear, and can't read what is not

_REFUSAL = "secrets are kept encrypted"


def upgrade() -> None:
    """Refuse clear text from now on."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for place in (PRIVATE_JWK, TOTP_SECRET):
        table, column = place.table, place.column
        wrong = f"NEW.{column} IS NOT NULL AND NEW.{column} NOT LIKE '{SEALED_LIKE}'"
        if sqlite:
            for name, event in (("insert", "INSERT"), ("update", f"UPDATE OF {column}")):
                op.execute(
                    f"CREATE TRIGGER {table}_sealed_{name} BEFORE {event} ON {table} WHEN {wrong} "
                    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
                )
            continue
        op.execute(
            f"""CREATE FUNCTION {table}_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {wrong} THEN
                RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END $$"""
        )
        op.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE INSERT OR UPDATE OF {column} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_sealed()"
        )
