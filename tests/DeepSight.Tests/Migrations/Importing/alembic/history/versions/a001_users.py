"""users and their moods

Revision ID: a001
Revises:
"""
import sqlalchemy as sa
from alembic import op

revision = "a001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("email", sa.String(320), nullable=False, unique=True),
        sa.Column("full_name", sa.Text()),
        sa.Column("mood", sa.Enum("happy", "sad", name="mood"), server_default="happy", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("email LIKE '%@%'", name="email_has_at"),
        comment="whoever 'logs in'; 100% of them",
    )
    op.create_index("ix_users_created_at", "users", [sa.text("created_at DESC")], postgresql_where=sa.text("full_name IS NOT NULL"))


def downgrade():
    op.drop_table("users")
    sa.Enum(name="mood").drop(op.get_bind(), checkfirst=True)
