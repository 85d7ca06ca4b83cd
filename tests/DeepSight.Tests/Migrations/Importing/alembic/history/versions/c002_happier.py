"""one mood more"""
from alembic import op

revision = "c002"
down_revision = "c001"


def upgrade():
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happier' BEFORE 'sad'")


def downgrade():
    op.execute("ALTER TABLE users ALTER mood DROP DEFAULT")
    op.execute("ALTER TYPE mood RENAME TO mood_old")
    op.execute("CREATE TYPE mood AS ENUM ('happy', 'sad')")
    op.execute("ALTER TABLE users ALTER mood TYPE mood USING mood::text::mood")
    op.execute("ALTER TABLE users ALTER mood SET DEFAULT 'happy'")
    op.execute("DROP TYPE mood_old")
