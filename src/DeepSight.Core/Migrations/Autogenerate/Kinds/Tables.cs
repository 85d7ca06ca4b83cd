using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Tables, partitioned or not, and whose child or partition they are.</summary>
internal static class Tables
{
    private static readonly (string, string, string) Relation = ("pg_class", "c.oid", "0");

    private const string Options = "array_to_string(c.reloptions, ', ')";

    public static ObjectKind Table { get; } = new("table", Select(Relation, "format('%I.%I', n.nspname, c.relname)",
        $"""
        from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_am am on am.oid = c.relam
        where c.relkind in ('r', 'p') and c.relpersistence <> 't' and {OfUsers} order by c.oid
        """,
        properties: $"""
            'unlogged', c.relpersistence = 'u', 'partition_by', pg_get_partkeydef(c.oid), 'options', {Options},
            'access_method', case when am.amname <> current_setting('default_table_access_method') then quote_ident(am.amname) end,
            'row_security', c.relrowsecurity, 'force_row_security', c.relforcerowsecurity,
            'of_type', case when c.reloftype <> 0 then c.reloftype::regtype::text end,
            'replica_identity', case c.relreplident when 'n' then 'NOTHING' when 'f' then 'FULL' end
            """))
    {
        HoldsData = true,
        Create = Make,
        Drop = o => [$"DROP TABLE {o.Identity}"],
        Rename = "ALTER TABLE {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["unlogged"] = Alteration.To(o => $"ALTER TABLE {o.Identity} SET {(o.Is("unlogged") ? "UNLOGGED" : "LOGGED")}"),
            ["options"] = new(ChangeOptions),
            ["access_method"] = Alteration.To(o => $"ALTER TABLE {o.Identity} SET ACCESS METHOD {(o["access_method"] is { Length: > 0 } method ? method : "heap")}"),
            ["row_security"] = Alteration.To(o => $"ALTER TABLE {o.Identity} {(o.Is("row_security") ? "ENABLE" : "DISABLE")} ROW LEVEL SECURITY"),
            ["force_row_security"] = Alteration.To(o => $"ALTER TABLE {o.Identity} {(o.Is("force_row_security") ? "" : "NO ")}FORCE ROW LEVEL SECURITY"),
            ["of_type"] = Alteration.To(o => $"ALTER TABLE {o.Identity} {(o["of_type"].Length == 0 ? "NOT OF" : $"OF {o["of_type"]}")}"),
            ["replica_identity"] = Alteration.To(o => $"ALTER TABLE {o.Identity} REPLICA IDENTITY {(o["replica_identity"].Length == 0 ? "DEFAULT" : o["replica_identity"])}"),
        },
    };

    /// <summary>Its rows are elsewhere.</summary>
    public static ObjectKind ForeignTable { get; } = new("foreign table", Select(Relation, "format('%I.%I', n.nspname, c.relname)",
        $"from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_foreign_table f on f.ftrelid = c.oid join pg_foreign_server s on s.oid = f.ftserver where {OfUsers} order by c.oid",
        properties: $"'server', quote_ident(s.srvname), 'options', {ForeignData.Options("f.ftoptions")}"))
    {
        Create = MakeForeign,
        Drop = o => [$"DROP FOREIGN TABLE {o.Identity}"],
        Rename = "ALTER FOREIGN TABLE {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration> { ["options"] = ForeignData.Change(o => $"ALTER FOREIGN TABLE {o.Identity}") },
    };

    /// <summary>The index by which replicas find rows.</summary>
    public static ObjectKind ReplicaIdentity { get; } = Chosen("replica identity", "i.indisreplident", "REPLICA IDENTITY USING INDEX", "REPLICA IDENTITY DEFAULT");

    /// <summary>The index in whose order CLUSTER writes the table.</summary>
    public static ObjectKind Cluster { get; } = Chosen("cluster", "i.indisclustered", "CLUSTER ON", "SET WITHOUT CLUSTER");

    public static ObjectKind Inheritance { get; } = new("inheritance", Select(("pg_class", "c.oid", "-1 - i.inhseqno"),
        "format('%I.%I < %I.%I', n.nspname, c.relname, pn.nspname, p.relname)",
        $"""
        from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
        join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
        where c.relkind in ('r', 'p', 'f') and {OfUsers} order by c.oid, i.inhseqno
        """,
        properties: "'bound', pg_get_expr(c.relpartbound, c.oid)", facts: "'child', format('%I.%I', n.nspname, c.relname), 'parent', format('%I.%I', pn.nspname, p.relname), 'needs', format('table %I.%I', pn.nspname, p.relname)",
        parent: ("pg_class", "c.oid", "0")))
    {
        IsPart = true,
        Create = (o, _) => [o["bound"].Length == 0 ? $"ALTER TABLE {o.Fact("child")} INHERIT {o.Fact("parent")}" : $"ALTER TABLE {o.Fact("parent")} ATTACH PARTITION {o.Fact("child")} {o["bound"]}"],
        Drop = o => [o["bound"].Length == 0 ? $"ALTER TABLE {o.Fact("child")} NO INHERIT {o.Fact("parent")}" : $"ALTER TABLE {o.Fact("parent")} DETACH PARTITION {o.Fact("child")}"],
        Alter = new Dictionary<string, Alteration>
        {
            ["bound"] = new((old, now) => old["bound"].Length == 0 || now["bound"].Length == 0 ? null : [.. Inheritance!.Drop(old), .. Inheritance.Create(now, _ => [])]),
        },
    };

    public static bool IsPartitioned(SchemaObject table) => table["partition_by"].Length > 0;

    private static IEnumerable<string> MakeForeign(SchemaObject o, Func<SchemaObject, IReadOnlyList<SchemaObject>> partsOf) =>
        [$"CREATE FOREIGN TABLE {o.Identity}{Body(o, partsOf)} SERVER {o["server"]}{ForeignData.Say(o)}", .. partsOf(o).Where(part => part.Kind == Columns.Column).SelectMany(Columns.Rest)];

    /// <summary>Which index of a table has a role: set by itself, for the index may come later than the table.</summary>
    private static ObjectKind Chosen(string name, string which, string set, string reset) => new(name, Select(("pg_class", "0", "0"), "format('%I.%I', n.nspname, c.relname)",
        $"""
        from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
        left join pg_constraint k on k.conindid = x.oid and k.contype in ('p', 'u', 'x') where {which} and c.relkind in ('r', 'p', 'm') and {OfUsers}
        """,
        properties: "'index', quote_ident(x.relname)",
        facts: "'table', format('%I.%I', n.nspname, c.relname), 'needs', case when k.oid is null then format('index %I.%I', n.nspname, x.relname) else format('constraint %I.%I.%I', n.nspname, c.relname, k.conname) end, 'word', case c.relkind when 'm' then 'MATERIALIZED VIEW' else 'TABLE' end",
        parent: Relation))
    {
        Create = (o, _) => [$"ALTER {o.Fact("word")} {o.Identity} {set} {o["index"]}"],
        Drop = o => [$"ALTER {o.Fact("word")} {o.Identity} {reset}"],
        Alter = new Dictionary<string, Alteration> { ["index"] = Alteration.To(o => $"ALTER {o.Fact("word")} {o.Identity} {set} {o["index"]}") },
    };

    /// <summary>Columns and constraints, and whose partition or child it is.</summary>
    private static string Body(SchemaObject o, Func<SchemaObject, IReadOnlyList<SchemaObject>> partsOf)
    {
        var parts = partsOf(o);
        var lines = parts.Where(part => part.Kind == Columns.Column && !part.IsInherited).Select(column => Columns.Define(column, partsOf(column)))
            .Concat(parts.Where(part => part.Kind == Constraints.Constraint && !part.IsInherited).Select(Constraints.Define)).ToList();
        var parents = parts.Where(part => part.Kind == Inheritance).ToList();
        var partition = parents.FirstOrDefault(parent => parent["bound"].Length > 0);
        return (partition is null ? "" : $" PARTITION OF {partition.Fact("parent")}")
            + (lines.Count > 0 ? $" (\n    {string.Join(",\n    ", lines)}\n)" : partition is null ? " ()" : "") + Types.With(" ", partition?["bound"] ?? "")
            + (partition is null && parents.Count > 0 ? $" INHERITS ({string.Join(", ", parents.Select(parent => parent.Fact("parent")))})" : "");
    }

    private static IEnumerable<string> Make(SchemaObject o, Func<SchemaObject, IReadOnlyList<SchemaObject>> partsOf)
    {
        yield return $"CREATE {(o.Is("unlogged") ? "UNLOGGED " : "")}TABLE {o.Identity}{Body(o, partsOf)}"
            + Types.With(" PARTITION BY ", o["partition_by"]) + Types.With(" USING ", o["access_method"]) + (o["options"].Length > 0 ? $" WITH ({o["options"]})" : "");
        foreach (var statement in partsOf(o).Where(part => part.Kind == Columns.Column).SelectMany(Columns.Rest)) yield return statement;
        foreach (var property in (string[])["of_type", "row_security", "force_row_security", "replica_identity"])
            if (o[property] is not ("" or "false"))
                foreach (var statement in Table.Alter[property].Sql(o, o, _ => true)!)
                    yield return statement;
    }

    private static IEnumerable<string> ChangeOptions(SchemaObject old, SchemaObject now) => ChangeOptions($"ALTER TABLE {now.Identity}", old["options"], now["options"]);

    /// <summary>Sets what is there now, resets what isn't any more.</summary>
    public static IEnumerable<string> ChangeOptions(string alter, string old, string now)
    {
        var (before, after) = (old.Split(", ", StringSplitOptions.RemoveEmptyEntries), now.Split(", ", StringSplitOptions.RemoveEmptyEntries));
        var gone = before.Select(Name).Except(after.Select(Name)).ToList();
        if (gone.Count > 0) yield return $"{alter} RESET ({string.Join(", ", gone)})";
        if (after.Except(before).ToList() is { Count: > 0 } set) yield return $"{alter} SET ({string.Join(", ", set)})";

        static string Name(string option) => option.Split('=')[0];
    }
}
