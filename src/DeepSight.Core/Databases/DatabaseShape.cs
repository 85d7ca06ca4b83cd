using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>What is decided when a database is created and can't be changed later.</summary>
/// <param name="Clause">The rest of <c>CREATE DATABASE name TEMPLATE template0</c>, quoted.</param>
internal sealed record DatabaseShape(string Clause)
{
    /// <summary>The server's defaults, in UTF-8.</summary>
    public static DatabaseShape Default { get; } = new("ENCODING 'UTF8'");

    /// <summary>That of a database of this server: owner, encoding, collation with its provider, tablespace; null when there is none.</summary>
    /// <param name="connection">To the maintenance database: in one of another encoding, names that aren't ASCII read otherwise.</param>
    public static async Task<DatabaseShape?> OfAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        // to_jsonb: the columns' names differ between majors (daticulocale until 16, datlocale from 17, datlocprovider from 15).
        await using var command = new NpgsqlCommand(
            """
            select format('OWNER %I ENCODING %L', pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding))
                || format(' LC_COLLATE %L LC_CTYPE %L', d.datcollate, d.datctype)
                || case j ->> 'datlocprovider'
                     when 'i' then format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j ->> 'datlocale', j ->> 'daticulocale'))
                     when 'b' then format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j ->> 'datlocale')
                     when 'c' then ' LOCALE_PROVIDER libc'
                     else '' end
                || case when j ->> 'daticurules' is null then '' else format(' ICU_RULES %L', j ->> 'daticurules') end
                || case when t.spcname = 'pg_default' then '' else format(' TABLESPACE %I', t.spcname) end
              from pg_database d
              join pg_tablespace t on t.oid = d.dattablespace
             cross join lateral (select to_jsonb(d) as j) as columns
             where d.datname = @database
            """, connection);
        command.Parameters.AddWithValue("database", database);
        return await command.ExecuteScalarAsync(cancellationToken) is string clause ? new DatabaseShape(clause) : null;
    }
}
