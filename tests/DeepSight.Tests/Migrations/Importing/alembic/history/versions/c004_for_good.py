"""old names go for good"""
from alembic import op

revision = "c004"
down_revision = "c003"


def upgrade():
    op.drop_column("users", "full_name")


def downgrade():
    raise NotImplementedError("the names are gone")
