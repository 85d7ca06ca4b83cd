"""a column and two indexes, built while people work"""
import sqlalchemy as sa
from alembic import op

revision = "c001"
down_revision = "c000"


def upgrade():
    op.add_column("users", sa.Column("city", sa.Text()))
    with op.get_context().autocommit_block():
        op.create_index("ix_users_city", "users", ["city"], postgresql_concurrently=True)
        op.create_index("ix_invoices_user", "invoices", ["user_id"], postgresql_concurrently=True)


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_invoices_user", postgresql_concurrently=True)
        op.drop_index("ix_users_city", postgresql_concurrently=True)
    op.drop_column("users", "city")
