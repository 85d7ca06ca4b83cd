using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Columns of tables, and their defaults.</summary>
internal static class Columns
{
    private const string Of =
        $"""
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        """;

    private const string Relation = "'table', format('%I.%I', n.nspname, c.relname), 'name', quote_ident(a.attname)";

    private static readonly string[] Numbers = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];

    private static HashSet<ObjectKind> Rebuilt =>
        field ??= [Tables.Inheritance, Constraints.Index, Constraints.Constraint, Constraints.ForeignKey, Constraints.Statistics, Tables.ReplicaIdentity, Tables.Cluster, Sequences.Ownership, Sequences.Sequence, Notes.Comment, Notes.Grant];

    public static ObjectKind Column { get; } = new("column", Select(("pg_class", "c.oid", "a.attnum"), "format('%I.%I.%I', n.nspname, c.relname, a.attname)",
        $"""
        {Of} left join pg_sequence s on s.seqrelid = (select objid from pg_depend where a.attidentity <> '' and classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and refobjid = c.oid and refobjsubid = a.attnum and deptype = 'i')
        left join pg_constraint nn on nn.conrelid = c.oid and nn.contype = 'n' and nn.conkey = array[a.attnum]
        left join pg_class sc on sc.oid = s.seqrelid left join pg_namespace sn on sn.oid = sc.relnamespace
        where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't' and {OfUsers} order by c.oid, a.attnum
        """,
        properties: $"""
            'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull, 'not_null_name', nullif(quote_ident(nn.conname), quote_ident(c.relname || '_' || a.attname || '_not_null')),
            'collation', (select format('%I.%I', cn.nspname, co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace where co.oid = a.attcollation and a.attcollation <> t.typcollation),
            'generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end, 'stored', case a.attgenerated when 's' then 'STORED' when 'v' then 'VIRTUAL' end,
            'identity', case a.attidentity when 'a' then 'ALWAYS' when 'd' then 'BY DEFAULT' end,
            'sequence', case when s.seqrelid is not null then {Sequences.Options.Replace("AS %s ", "").Replace("format_type(s.seqtypid, null), ", "")} end,
            'storage', case when a.attstorage <> t.typstorage then {Storage("a.attstorage")} end,
            'compression', case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
            'statistics', nullif(a.attstattarget, -1), 'foreign_options', {ForeignData.Options("a.attfdwoptions")}, 'options', (select string_agg(option, ', ') from unnest(a.attoptions) as option where option not like 'pg_attver=%'),
            'not_null_unchecked', nullif(coalesce(not nn.convalidated, false), false)
            """,
        facts: $"""
            {Relation}, 'check', quote_ident(left(c.relname || '_' || a.attname, 50) || '_is_not_null'), 'inherited', a.attinhcount > 0 and not a.attislocal, 'order', a.attnum, 'can_set_expression', current_setting('server_version_num')::int >= 170000,
            'usual_storage', {Storage("t.typstorage")}, 'usual_not_null', quote_ident(c.relname || '_' || a.attname || '_not_null'),
            'needs', (select format('column %I.%I.%I', pn.nspname, p.relname, a.attname) from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
                       join pg_attribute pa on pa.attrelid = p.oid and pa.attname = a.attname where i.inhrelid = c.oid and a.attinhcount > 0 order by i.inhseqno limit 1),
            'takes', quote_ident(sn.nspname) || '.' || quote_ident(sc.relname), 'takes_usual', sc.relname = c.relname || '_' || a.attname || '_seq'
            """,
        parent: ("pg_class", "c.oid", "0")))
    {
        IsPart = true,
        StandsAlone = false,
        HoldsData = true,
        Create = (o, partsOf) => [$"{Alter(o, "ADD COLUMN")} {Define(o, partsOf(o))[o.Fact("name").Length..].TrimStart()}", .. Rest(o)],
        Drop = o => [Alter(o, "DROP COLUMN")],
        Rename = "ALTER TABLE {0} RENAME COLUMN {1} TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["type"] = new(Retype) { Displaces = (old, _) => InTheWay(old) },
            ["collation"] = new(Retype) { Displaces = (old, _) => InTheWay(old) },
            ["generated"] = Alteration.From((old, now) => now["generated"].Length == 0 ? $"{Alter(now)} DROP EXPRESSION"
                : old["generated"].Length > 0 && now.Fact("can_set_expression") == "true" ? $"{Alter(now)} SET EXPRESSION AS ({now["generated"]})" : null),
            ["stored"] = Alteration.From((_, now) => now["stored"].Length == 0 ? $"{Alter(now)} DROP EXPRESSION" : null),
            ["identity"] = Alteration.From((old, now) => now["identity"].Length == 0 ? $"{Alter(now)} DROP IDENTITY"
                : old["identity"].Length == 0 ? $"{Alter(now)} ADD {Identity(now)}" : $"{Alter(now)} SET GENERATED {now["identity"]}"),
            ["sequence"] = new((old, now) => old["sequence"].Length == 0 || now["sequence"].Length == 0 ? []
                : [$"{Alter(now)} {string.Join(' ', now["sequence"].Replace("NO CYCLE", "NO_CYCLE", StringComparison.Ordinal).Split(' ').Aggregate(new List<string>(), Option))}"]),
            ["not_null"] = new((old, now) =>
            [
                // An identity column can't be null: where both go, it goes first.
                .. old["identity"].Length > 0 && now["identity"].Length == 0 ? [$"{Alter(now)} DROP IDENTITY"] : Array.Empty<string>(),
                now["not_null_unchecked"].Length > 0 ? AddNotNull(now) : $"{Alter(now)} {(now.Is("not_null") ? "SET" : "DROP")} NOT NULL",
            ]),
            ["not_null_name"] = Alteration.From((old, now) => !now.Is("not_null") || (!old.Is("not_null") && now["not_null_unchecked"].Length > 0) ? ""
                : $"ALTER TABLE {now.Fact("table")} RENAME CONSTRAINT {NotNull(old.Is("not_null") ? old : now, !old.Is("not_null"))} TO {NotNull(now)}"),
            ["storage"] = Alteration.To(o => $"{Alter(o)} SET STORAGE {(o["storage"].Length == 0 ? o.Fact("usual_storage") : o["storage"])}"),
            ["compression"] = Alteration.To(o => $"{Alter(o)} SET COMPRESSION {(o["compression"].Length == 0 ? "default" : o["compression"])}"),
            ["statistics"] = Alteration.To(o => $"{Alter(o)} SET STATISTICS {(o["statistics"].Length == 0 ? "-1" : o["statistics"])}"),
            ["foreign_options"] = ForeignData.Change("foreign_options", o => Alter(o).Replace("ALTER TABLE", "ALTER FOREIGN TABLE", StringComparison.Ordinal)),
            // From 18 on.
            ["not_null_unchecked"] = Alteration.From((old, now) => !now.Is("not_null") || !old.Is("not_null") ? ""
                : now["not_null_unchecked"].Length == 0 ? $"ALTER TABLE {now.Fact("table")} VALIDATE CONSTRAINT {NotNull(now)}"
                : $"{Alter(now)} DROP NOT NULL;\n{AddNotNull(now)}"),
            ["options"] = new((old, now) => Tables.ChangeOptions(Alter(now), old["options"], now["options"])),
        },
    };

    public static ObjectKind Default { get; } = new("default", Select(("pg_attrdef", "d.oid", "0"), "format('%I.%I.%I', n.nspname, c.relname, a.attname)",
        $"{Of} where a.attgenerated = '' and d.oid is not null and c.relkind in ('r', 'p', 'f', 'v') and {OfUsers}",
        properties: "'expression', pg_get_expr(d.adbin, d.adrelid)",
        facts: $"""
            {Relation}, 'inherited', exists (select from pg_inherits i join pg_attribute pa on pa.attrelid = i.inhparent and pa.attname = a.attname
                join pg_attrdef pd on pd.adrelid = pa.attrelid and pd.adnum = pa.attnum where i.inhrelid = c.oid and pg_get_expr(pd.adbin, pd.adrelid) = pg_get_expr(d.adbin, d.adrelid))
            """,
        parent: ("pg_class", "c.oid", "a.attnum")))
    {
        IsPart = true,
        Create = (o, _) => [SetDefault(o)],
        Drop = o => [$"{Alter(o)} DROP DEFAULT"],
        Alter = new Dictionary<string, Alteration> { ["expression"] = Alteration.To(SetDefault) },
    };

    /// <summary>As it stands in CREATE TABLE.</summary>
    public static string Define(SchemaObject o, IReadOnlyList<SchemaObject> parts) =>
        $"{o.Fact("name")} {o["type"]}{ForeignData.Say(o, "foreign_options")}{Types.With(" COLLATE ", o["collation"])}"
        + (o["generated"].Length > 0 ? $" GENERATED ALWAYS AS ({o["generated"]}) {o["stored"]}" : "")
        + string.Concat(parts.Where(part => part.Kind == Default && !part.IsInherited).Select(part => $" DEFAULT {part["expression"]}"))
        + (o["identity"].Length > 0 ? $" {Identity(o)}" : "") + (o.Is("not_null") && o["not_null_unchecked"].Length == 0 ? $"{Types.With(" CONSTRAINT ", o["not_null_name"])} NOT NULL" : "");

    /// <summary>What CREATE TABLE can't say in every version.</summary>
    public static IEnumerable<string> Rest(SchemaObject o) => ((string[])["storage", "compression", "statistics"]).Where(property => o[property].Length > 0)
        .SelectMany(property => Column.Alter[property].Sql(o, o, _ => true)!).Concat(Tables.ChangeOptions(Alter(o), "", o["options"]))
        .Concat(o["not_null_unchecked"].Length > 0 ? [AddNotNull(o)] : []);

    private static string Alter(SchemaObject o, string action = "ALTER COLUMN") => $"ALTER TABLE {o.Fact("table")} {action} {o.Fact("name")}";

    /// <summary>From 18 on NOT NULL is a constraint with a name.</summary>
    private static string NotNull(SchemaObject o, bool usual = false) => usual || o["not_null_name"].Length == 0 ? o.Fact("usual_not_null") : o["not_null_name"];

    private static string AddNotNull(SchemaObject o) => $"ALTER TABLE {o.Fact("table")} ADD CONSTRAINT {NotNull(o)} NOT NULL {o.Fact("name")} NOT VALID";

    private static string Storage(string column) => $"case {column} when 'p' then 'PLAIN' when 'e' then 'EXTERNAL' when 'm' then 'MAIN' else 'EXTENDED' end";

    private static string SetDefault(SchemaObject o) => $"{Alter(o)} SET DEFAULT {o["expression"]}";

    /// <summary>The options that a plain identity of this type has aren't said.</summary>
    private static string Identity(SchemaObject o)
    {
        var highest = o["type"] switch { "smallint" => short.MaxValue, "integer" => int.MaxValue, _ => long.MaxValue };
        var options = o["sequence"] == $"START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE {highest} CACHE 1 NO CYCLE" ? "" : o["sequence"];
        if (o.Fact("takes_usual") != "true") options = $"SEQUENCE NAME {o.Fact("takes")} {options}".TrimEnd();
        return $"GENERATED {o["identity"]} AS IDENTITY{(options.Length > 0 ? $" ({options})" : "")}";
    }

    /// <summary><c>START WITH 1 CACHE 1</c> becomes <c>SET START WITH 1 SET CACHE 1</c>.</summary>
    private static List<string> Option(List<string> words, string word)
    {
        if (word is "START" or "INCREMENT" or "MINVALUE" or "MAXVALUE" or "CACHE" or "CYCLE" or "NO_CYCLE") words.Add("SET");
        words.Add(word == "NO_CYCLE" ? "NO CYCLE" : word);
        return words;
    }

    /// <param name="value">From which the new values are made; empty where PostgreSQL widens by itself.</param>
    public static string Retype(SchemaObject now, string value) =>
        $"{Alter(now)} TYPE {now["type"]}{Types.With(" COLLATE ", now["collation"])}{(value.Length == 0 ? "" : $" USING {value}::{now["type"]}")}";

    /// <summary>A change of a column that its indexes don't notice.</summary>
    public static bool KeepsType(SchemaChange change) => change.Kind == ChangeKind.Alter && change.Object.Kind == Column && change.Old!["type"] == change.Object["type"] && change.Old["collation"] == change.Object["collation"];

    /// <summary>ALTER TYPE rebuilds indexes and constraints itself; what else reads the column must go before.</summary>
    public static IEnumerable<SchemaObject> InTheWay(SchemaObject column) =>
        column.Users.Where(user => user.Kind == Column ? user["generated"].Length > 0 && !user.IsInherited : !Rebuilt.Contains(user.Kind));

    /// <summary>
    /// Up to 15 PostgreSQL can't where the column is generated by a function: it is made again, having no values of its own, or is generated no more first.
    /// </summary>
    private static IEnumerable<string>? Retype(SchemaObject old, SchemaObject now)
    {
        if (now.IsInherited) return [];
        var retype = Retype(now, CastsItself(old, now) ? "" : now.Fact("name"));
        return old["generated"].Length == 0 ? [retype] : now["generated"].Length == 0 ? [$"{Alter(now)} DROP EXPRESSION", retype] : null;
    }

    private static bool CastsItself(SchemaObject old, SchemaObject now) => Base(old) == Base(now) || (Numbers.Contains(old["type"].Split('(')[0]) && Numbers.Contains(now["type"].Split('(')[0]));

    private static string Base(SchemaObject column) => column["type"].Split('(')[0] is var type && type == "character varying" ? "text" : type;
}
