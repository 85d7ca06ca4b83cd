"""Runs the user's own Alembic one revision at a time and tells which statements it sends.

`deepsight migrate import-alembic` starts it as `python -c`, with PG* for a server of scratch databases; its arguments are the
path of alembic.ini and the script location, either of which may be empty. It prints a line of JSON with the history, reads a
command from each line of its input (`up REVISION DATABASE`, `down REVISION DATABASE`) and prints a line of JSON for each.
"""
import json, os, re, sys, traceback

answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # What env.py and the revisions print is no answer.


def answer(**facts):
    print(json.dumps(facts), file=answers, flush=True)


try:
    import alembic
    from alembic.config import Config
    from alembic.ddl.impl import DefaultImpl
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import MigrationStep
    from alembic.script import ScriptDirectory
    from alembic.util import to_tuple
    from sqlalchemy import event, literal
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.engine import URL, Engine
    from sqlalchemy.exc import DisconnectionError
except ImportError as error:
    answer(missing=str(error))
    sys.exit()

ini, location = sys.argv[1:]
scratch = ""
statements = []
source = "env"  # Who sends now: env.py and Alembic itself, the revision's own code, or an operation of it (op.*).


def sent_by(name, within, function):
    def marked(*values, **named):
        global source
        if source != within:
            return function(*values, **named)
        source = name
        try:
            return function(*values, **named)
        finally:
            source = within

    return marked


DefaultImpl._exec = sent_by("operation", "revision", DefaultImpl._exec)


@event.listens_for(Engine, "do_connect")
def connect_to_scratch(dialect, record, arguments, named):
    """Whatever database env.py names, the connection goes to the scratch database."""
    if dialect.name != "postgresql":
        raise RuntimeError(f"env.py connects to {dialect.name}, not to PostgreSQL")
    kept = {name: named[name] for name in ("options", "server_settings") if name in named}
    positional, others = dialect.create_connect_args(URL.create("postgresql", database=scratch))
    arguments[:] = positional
    named.clear()
    named.update(others, **kept)


@event.listens_for(Engine, "connect")
def require_scratch(connection, record):
    """An engine with a `creator` of its own comes past the other event."""
    cursor = connection.cursor()
    cursor.execute("select current_database()")
    found = cursor.fetchone()[0]
    cursor.close()
    connection.rollback()
    if found != scratch:
        raise RuntimeError("env.py opens connections by itself, and they do not lead to the scratch database; use create_engine(url)")
    record.info["scratch"] = scratch


@event.listens_for(Engine, "checkout")
def refresh(connection, record, proxy):
    """A pool that outlives env.py may keep a connection to the scratch database before this one."""
    if record.info.get("scratch") != scratch:
        raise DisconnectionError()


@event.listens_for(Engine, "before_cursor_execute")
def note(connection, cursor, statement, parameters, context, many):
    autocommit = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
    # Of many rows one statement may hold several; then its parameters are those of one.
    each = many and (isinstance(parameters, list) or all(isinstance(values, (dict, tuple)) for values in parameters))
    for values in parameters if each else [parameters]:
        sql = as_text(connection.dialect, getattr(cursor, "_cursor", cursor), statement, values, context)
        statements.append({"sql": sql, "source": source, "autocommit": autocommit, "rows": None, "failed": False})


@event.listens_for(Engine, "after_cursor_execute")
def note_rows(connection, cursor, statement, parameters, context, many):
    if cursor.description is not None:
        statements[-1]["rows"] = cursor.rowcount


@event.listens_for(Engine, "handle_error")
def note_failure(context):
    if context.statement is not None and statements:
        statements[-1]["failed"] = True


def as_text(dialect, cursor, statement, values, context):
    """The statement with its values filled in, as the driver itself does it where it can."""
    if not values and context is not None and context.execution_options.get("no_parameters"):
        return statement
    if dialect.driver == "psycopg2":
        return cursor.mogrify(statement, values).decode()
    if dialect.driver.startswith("psycopg"):
        import psycopg
        return psycopg.ClientCursor(cursor.connection).mogrify(statement, values)

    plain = postgresql.dialect(paramstyle="named")
    plain._backslash_escapes = False  # It takes them for escapes until it has asked a server.
    literals = [
        str(literal(str(value) if isinstance(value, str) else value).compile(dialect=plain, compile_kwargs={"literal_binds": True}))
        for value in values or ()
    ]
    if dialect.paramstyle == "format":
        return statement % tuple(literals)
    return re.sub(r"\$(\d+)", lambda found: literals[int(found[1]) - 1], statement) if literals else statement


def run(way, revision, database):
    """One revision, whatever the database's heads are: commands of Alembic's could run several."""
    global scratch
    scratch = database
    del statements[:]
    tables = []

    def steps(heads, context):
        if tables:
            raise RuntimeError("env.py runs each revision more than once, as for several databases or schemas")
        tables.append(context.version_table)
        step = getattr(MigrationStep, way + "grade_from_script")(script.revision_map, script.get_revision(revision))
        step.migration_fn = sent_by("revision", "env", step.migration_fn)
        return [step]

    with EnvironmentContext(config, script, fn=steps):
        script.run_env()
    if not tables:
        raise RuntimeError("env.py ran no migration")
    answer(statements=statements, version_table=tables[0])


def explain(error):
    """One line: where in the user's own files, and what."""
    if isinstance(error, SyntaxError):
        return f"{os.path.relpath(error.filename)}, line {error.lineno}: {error.msg}"
    home = os.path.abspath(script.dir if script else location or os.path.dirname(ini))
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(home + os.sep)]
    place = f"{os.path.relpath(own[-1].filename)}, line {own[-1].lineno}: " if own else ""
    cause = getattr(error, "orig", None) or error
    return f"{place}{type(cause).__name__}: {cause}".strip().split("\n")[0].rstrip(": ")


script = None
try:
    config = Config(ini or None)
    if location:
        config.set_main_option("script_location", location.replace("%", "%%"))
    url = config.file_config.get(config.config_ini_section, "sqlalchemy.url", raw=True, fallback="")
    if not url or url.startswith("driver:"):
        config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"])
    script = ScriptDirectory.from_config(config)
    answer(version=alembic.__version__, history=[
        {
            "revision": one.revision,
            "down_revisions": to_tuple(one.down_revision, default=()),
            "depends_on": to_tuple(one.dependencies, default=()),
            "labels": to_tuple(getattr(one.module, "branch_labels", None), default=()),
            "message": one.doc or "",
            "file": os.path.relpath(one.path, script.dir),
        }
        for one in script._load_revisions()
    ])
    for line in sys.stdin:
        try:
            run(*line.split())
        except (Exception, SystemExit) as error:
            answer(error=explain(error), version_table="")
except (Exception, SystemExit) as error:
    answer(error=explain(error))
