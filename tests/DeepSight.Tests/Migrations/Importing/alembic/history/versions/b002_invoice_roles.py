"""invoices know the role that pays"""
import sqlalchemy as sa
from alembic import op

revision = "b002"
down_revision = "b001"
depends_on = "a002"


def upgrade():
    op.add_column("invoices", sa.Column("role_id", sa.Integer(), sa.ForeignKey("roles.id", name="fk_invoices_role")))
    op.execute("""
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.lines := coalesce(NEW.lines, '[]'); -- never null; 50% of them
          RETURN NEW;
        END $$;
        CREATE TRIGGER touch BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION touch();
        """)


def downgrade():
    op.execute("DROP TRIGGER touch ON invoices; DROP FUNCTION touch()")
    op.drop_column("invoices", "role_id")
