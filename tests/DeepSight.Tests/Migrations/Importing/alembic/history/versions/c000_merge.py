"""both branches"""
revision = "c000"
down_revision = ("a003", "b002")
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
