namespace DeepSight.Core.Postgres.Sql;

/// <summary>Who reads the SQL. They differ in one thing that the scanner can see.</summary>
internal enum SqlDialect
{
    /// <summary>
    /// psql, which lexes line by line: a string that goes on in the next line's quotes (<c>E'a'⏎'b\'c'</c>) is read there as a
    /// plain string, so that its backslashes escape nothing. What psql takes for a meta-command is what a guard must take for
    /// one.
    /// </summary>
    Psql,

    /// <summary>The server: such a string keeps its kind (SQL standard; PostgreSQL manual, 4.1.2.1).</summary>
    Server,
}
