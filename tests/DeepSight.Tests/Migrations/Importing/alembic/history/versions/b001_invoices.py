"""invoices, on a branch of their own"""
import sqlalchemy as sa
from alembic import op

revision = "b001"
down_revision = "a001"
branch_labels = ("billing",)
depends_on = None


def upgrade():
    op.create_table(
        "invoices",
        sa.Column("id", sa.Uuid() if hasattr(sa, "Uuid") else sa.Text(), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("lines", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
    )


def downgrade():
    op.drop_table("invoices")
