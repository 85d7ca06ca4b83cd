"""a view on top"""
from alembic import op

revision = "c005"
down_revision = "c004"


def upgrade():
    op.execute("CREATE VIEW happy_users AS SELECT id, email FROM users WHERE mood = 'happy'")
    op.execute("COMMENT ON VIEW happy_users IS 'those''s mood'")


def downgrade():
    op.execute("DROP VIEW happy_users")
