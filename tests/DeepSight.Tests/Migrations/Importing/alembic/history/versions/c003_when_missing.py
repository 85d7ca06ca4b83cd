"""made where it is missing"""
import sqlalchemy as sa
from alembic import op

revision = "c003"
down_revision = "c002"


def upgrade():
    connection = op.get_bind()
    if not sa.inspect(connection).has_table("settings"):
        op.create_table("settings", sa.Column("key", sa.Text(), primary_key=True), sa.Column("value", sa.Text()))
    try:
        with connection.begin_nested():
            connection.execute(sa.text("DROP TABLE never_there"))
    except sa.exc.ProgrammingError:
        pass
    connection.exec_driver_sql("INSERT INTO settings VALUES ('rate', '5%%') RETURNING key").fetchone()


def downgrade():
    op.drop_table("settings")
