using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Databases;

/// <summary>What is decided when a database is created: its locale can't be changed later.</summary>
/// <param name="Locale">Null leaves it to the server, in UTF-8.</param>
/// <param name="Place">Owner and tablespace, as the rest of CREATE DATABASE.</param>
internal sealed record DatabaseShape(DatabaseLocale? Locale, string Place)
{
    /// <summary>The server's defaults, in UTF-8.</summary>
    public static DatabaseShape Default { get; } = new(null, "");

    /// <summary>That of a database of this server: owner, encoding, collation with its provider, tablespace; null when there is none.</summary>
    /// <param name="connection">To the maintenance database: in one of another encoding, names that aren't ASCII read otherwise.</param>
    public static async Task<DatabaseShape?> OfAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken)
    {
        // to_jsonb: the columns' names differ between majors (daticulocale until 16, datlocale from 17, datlocprovider from 15).
        await using var command = new NpgsqlCommand(
            """
            select pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datctype::text,
                   case j ->> 'datlocprovider' when 'i' then 'icu' when 'b' then 'builtin' else 'libc' end,
                   coalesce(j ->> 'datlocale', j ->> 'daticulocale'), j ->> 'daticurules',
                   format(' OWNER %I', pg_get_userbyid(d.datdba)) || case when t.spcname = 'pg_default' then '' else format(' TABLESPACE %I', t.spcname) end
              from pg_database d
              join pg_tablespace t on t.oid = d.dattablespace
             cross join lateral (select to_jsonb(d) as j) as columns
             where d.datname = coalesce(nullif(@database, ''), current_database())
            """, connection);
        command.Parameters.AddWithValue("database", database);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        var locale = new DatabaseLocale
        {
            Encoding = row.GetString(0),
            Collate = row.GetString(1),
            Ctype = row.GetString(2),
            Provider = row.GetString(3),
            Locale = row.IsDBNull(4) ? null : row.GetString(4),
            IcuRules = row.IsDBNull(5) ? null : row.GetString(5),
        };
        return new DatabaseShape(locale, row.GetString(6));
    }

    /// <summary>The locale of the database that is connected to.</summary>
    public static async Task<DatabaseLocale> LocaleAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await OfAsync(connection, "", cancellationToken))!.Locale!;

    /// <summary>The rest of <c>CREATE DATABASE name TEMPLATE template0</c>, quoted, as this major takes it.</summary>
    public string Clause(int major) => (Locale is null ? "ENCODING 'UTF8'" : Write(Locale, major)) + Place;

    private static string Write(DatabaseLocale locale, int major)
    {
        var clause = $"ENCODING {Sql.Text(locale.Encoding)} LC_COLLATE {Sql.Text(locale.Collate)} LC_CTYPE {Sql.Text(locale.Ctype)}";
        // 14 knows no other provider and not the word for it.
        var provider = locale.Provider switch { "icu" => "icu", "builtin" => "builtin", _ => "libc" };
        if (major >= 15 || provider != "libc") clause += " LOCALE_PROVIDER " + provider;
        if (locale.Locale is { } name && provider != "libc") clause += $" {provider.ToUpperInvariant()}_LOCALE {Sql.Text(name)}";
        return locale.IcuRules is { } rules ? $"{clause} ICU_RULES {Sql.Text(rules)}" : clause;
    }
}
