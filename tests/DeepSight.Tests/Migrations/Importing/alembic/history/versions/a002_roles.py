"""roles, with rows"""
import sqlalchemy as sa
from alembic import op

revision: str = "a002"
down_revision: str | None = "a001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    roles = op.create_table("roles", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text(), nullable=False), sa.Column("about", sa.JSON()))
    op.bulk_insert(roles, [{"id": 1, "name": "admin's", "about": {"a": [1, "100%"]}}, {"id": 2, "name": "back\\slash; ünï", "about": None}])
    op.execute(sa.text("INSERT INTO roles (id, name) VALUES (:id, :name)").bindparams(id=3, name="100% :colon"))
    op.get_bind().execute(sa.text("SELECT setval(pg_get_serial_sequence('roles', 'id'), (SELECT max(id) FROM roles))"))


def downgrade() -> None:
    op.drop_table("roles")
