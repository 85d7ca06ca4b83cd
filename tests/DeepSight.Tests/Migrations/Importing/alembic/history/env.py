import os

from alembic import context
from sqlalchemy import create_engine, pool

url = os.environ.get("DATABASE_URL") or context.config.get_main_option("sqlalchemy.url")
print("env.py prints", flush=True)
with create_engine(url, poolclass=pool.NullPool).connect() as connection:
    context.configure(connection=connection, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
