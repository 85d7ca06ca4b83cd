using System.Text;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Backup.Dumping;

/// <summary>A table whose rows are worth reading in pieces.</summary>
/// <param name="Schema">Not quoted.</param>
/// <param name="Name">Not quoted.</param>
/// <param name="Qualified">Quoted as pg_dump quotes it.</param>
/// <param name="Columns">The same, with commas between them; without generated ones.</param>
/// <param name="Blocks">Of its heap.</param>
/// <param name="Bytes">With what is stored out of line.</param>
internal sealed record LargeTable(string Schema, string Name, string Qualified, string Columns, long Blocks, long Bytes)
{
    /// <summary>Words that pg_dump of a later major quotes and a server of an earlier one does not.</summary>
    private static readonly string[] LaterKeywords =
    [
        "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar", "json_serialize", "json_table", "json_value",
        "merge_action", "system_user",
    ];

    /// <summary>
    /// Heaps alone: pieces are ranges of blocks. Not those whose rows pg_dump sends through their partitioned table's root, nor an
    /// extension's. Row security is pg_dump's to refuse.
    /// </summary>
    private const string Query =
        """
        select n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.quoted, c.blocks, c.bytes
          from (select *, pg_relation_size(oid) / current_setting('block_size')::int as blocks, pg_table_size(oid) as bytes from pg_class
                 where relkind = 'r' and relpersistence = 'p' and not relrowsecurity) c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_am m on m.oid = c.relam and m.amname = 'heap'
         cross join lateral (
               select string_agg(quote_ident(attname), ', ' order by attnum) as quoted, array_agg(attname::text) as names from pg_attribute
                where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') a
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> 'deepsight'
           and c.bytes >= @from and a.quoted is not null
           and (@same_major or not (a.names || c.relname::text || n.nspname::text) && @later)
           and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
           and not exists (select from pg_partition_ancestors(c.oid) r join pg_partitioned_table p on p.partrelid = r.relid where p.partstrat = 'h')
         order by c.bytes desc limit 200
        """;

    /// <summary>In the order in which pg_dump writes tables: by schema, then by name.</summary>
    public static async Task<IReadOnlyList<LargeTable>> FindAsync(NpgsqlConnection connection, long fromBytes, bool isOfClientsMajor, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Query, connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("from", fromBytes);
        command.Parameters.AddWithValue("same_major", isOfClientsMajor);
        command.Parameters.AddWithValue("later", LaterKeywords);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<LargeTable>();
        while (await row.ReadAsync(cancellationToken))
            tables.Add(new LargeTable(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5)));
        tables.Sort((one, other) => one.CompareTo(other.Schema, other.Name));
        return tables;
    }

    /// <summary>As pg_dump sorts: by the bytes.</summary>
    public int CompareTo(string schema, string name) => Compare(Schema, schema) is not 0 and var order ? order : Compare(Name, name);

    /// <summary>For <c>--exclude-table-data</c>: in quotes no letter is a wildcard.</summary>
    public string Pattern => $"{Sql.Name(Schema)}.{Sql.Name(Name)}";

    /// <summary>What pg_dump writes before its rows.</summary>
    public string Head => $"--\n-- Data for Name: {OnOneLine(Name)}; Type: TABLE DATA; Schema: {OnOneLine(Schema)}; Owner: -\n--\n\nCOPY {Qualified} ({Columns}) FROM stdin;\n";

    /// <summary>And behind them.</summary>
    public const string Tail = "\\.\n\n\n";

    /// <summary>The statement that reads the rows of these blocks, in the order of a scan.</summary>
    /// <param name="to">The first block that is not read; null: all to the end.</param>
    public string Copy(long from, long? to) =>
        $"COPY (SELECT {Columns} FROM ONLY {Qualified} WHERE ctid >= '({from},0)'{(to is { } end ? $" AND ctid < '({end},0)'" : "")}) TO STDOUT";

    private static int Compare(string one, string other) => Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

    private static string OnOneLine(string name) => name.Replace('\n', ' ').Replace('\r', ' ');
}
