using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>A row in every table of a scratch database where its constraints let one in: a way that claims no loss must keep it.</summary>
internal sealed class SeededRows
{
    /// <summary>Tables that others refer to may come later: a few turns find an order. What lets no made-up row in stays empty.</summary>
    private const string Fill =
        """
        do $$
        declare t record; columns text; makes text;
        begin
          for turn in 1..4 loop
            for t in select c.oid, format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
                      where c.oid >= 16384 and c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' and n.nspname <> 'information_schema' loop
              begin
                select string_agg(quote_ident(a.attname), ', ' order by a.attnum), string_agg(coalesce(
                         (select format('(select %I from %s limit 1)', r.attname, k.confrelid::regclass) from pg_constraint k join pg_attribute r on r.attrelid = k.confrelid and r.attnum = k.confkey[1]
                           where k.contype = 'f' and k.conrelid = t.oid and k.conkey = array[a.attnum] limit 1),
                         case when y.typcategory = 'E' then format('(select enumlabel::text::%s from pg_enum where enumtypid = %s order by enumsortorder limit 1)', format_type(a.atttypid, a.atttypmod), a.atttypid)
                              else format('%L::%s', case y.typcategory when 'N' then '1' when 'S' then 'x' when 'D' then '2020-01-01' when 'B' then 'true' when 'A' then '{}' when 'T' then '1 s' when 'I' then '127.0.0.1'
                                   else case when format_type(a.atttypid, null) in ('json', 'jsonb') then '{}' when a.atttypid = 'uuid'::regtype then '00000000-0000-4000-8000-000000000000' end end, format_type(a.atttypid, a.atttypmod)) end),
                         ', ' order by a.attnum)
                  into columns, makes from pg_attribute a join pg_type y on y.oid = a.atttypid
                 where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a';
                execute format('insert into %1$s (%2$s) select %3$s where not exists (select from %1$s)', t.name, columns, makes);
              exception when others then null;
              end;
            end loop;
          end loop;
        end $$
        """;

    private const string Read =
        """
        create function pg_temp.rows_of_tables() returns table (oid oid, name text, rows bigint, content jsonb) language plpgsql as $$
        begin
          for oid, name in select c.oid, format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                            where c.oid >= 16384 and c.relkind = 'r' and c.relpersistence <> 't' and n.nspname <> 'information_schema' loop
            execute format('select count(*), (jsonb_agg(to_jsonb(t)))->0 from %s t', name) into rows, content;
            return next;
          end loop;
        end $$;
        select r.oid, r.name, r.rows, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod),
               -- A label may have another name now.
               case when y.typcategory <> 'E' then r.content ->> a.attname when r.content ->> a.attname is not null then 'a label' end
          from pg_temp.rows_of_tables() r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped join pg_type y on y.oid = a.atttypid
        """;

    private readonly Dictionary<(uint Table, short Column), (string Name, long Rows, string Type, string? Value)> values = [];

    private SeededRows()
    {
    }

    /// <summary>A made-up value can be one that a new constraint or type refuses: that says nothing about the way.</summary>
    public static bool AreRefusedBy(DeepSightException error) => error.InnerException is PostgresException { SqlState: ['2', '2' or '3', ..] };

    public static async Task<SeededRows> FillAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using (var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken))
            await connection.ExecuteAsync(Fill, cancellationToken);
        return await ReadAsync(database, cancellationToken);
    }

    public static async Task EmptyAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        var tables = await connection.ListAsync(
            "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid >= 16384 and c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname <> 'information_schema'", cancellationToken);
        if (tables.Count > 0) await connection.ExecuteAsync($"TRUNCATE {string.Join(", ", tables)}", cancellationToken);
    }

    public static async Task<SeededRows> ReadAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        var found = new SeededRows();
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        await using var query = new NpgsqlCommand(Read, connection) { CommandTimeout = 0 };
        await using var row = await query.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            found.values.Add((row.GetFieldValue<uint>(0), row.GetInt16(3)), ($"{row.GetString(1)}.{row.GetString(4)}", row.GetInt64(2), row.GetString(5), await row.IsDBNullAsync(6, cancellationToken) ? null : row.GetString(6)));
        return found;
    }

    /// <summary>
    /// What became of rows and values in the columns that are still there, for people; a value that has another type now may look otherwise.
    /// </summary>
    public IEnumerable<string> LostIn(SeededRows now) =>
        from column in values
        let had = column.Value
        where had.Rows > 0 && now.values.ContainsKey(column.Key)
        let has = now.values[column.Key]
        where has.Rows != had.Rows || (has.Type == had.Type ? has.Value != had.Value : has.Value is null && had.Value is not null)
        select $"column {had.Name} had '{had.Value}' in {had.Rows} rows and has '{has.Value}' in {has.Rows}";
}
