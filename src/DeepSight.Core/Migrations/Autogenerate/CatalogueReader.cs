using System.Text.Json;
using DeepSight.Core.Migrations.Autogenerate.Kinds;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Reads a schema from the catalogue: every kind's query, and pg_depend, in one round trip.</summary>
internal sealed class CatalogueReader
{
    /// <summary>What stands for an address of the catalogue that is no object of ours: a view for its rule, a type for its array.</summary>
    private const string Aliases =
        """
        select 'pg_type'::regclass::oid, t.oid, 0, 'pg_class'::regclass::oid, c.oid, 0 from pg_type t join pg_class c on c.oid = t.typrelid where c.relkind <> 'c'
        union all select 'pg_class'::regclass, c.oid, 0, 'pg_type'::regclass, t.oid, 0 from pg_type t join pg_class c on c.oid = t.typrelid where c.relkind = 'c'
        union all select 'pg_type'::regclass, typarray, 0, 'pg_type'::regclass, oid, 0 from pg_type where typarray <> 0
        union all select 'pg_type'::regclass, rngmultitypid, 0, 'pg_type'::regclass, rngtypid, 0 from pg_range
        union all select 'pg_rewrite'::regclass, oid, 0, 'pg_class'::regclass, ev_class, 0 from pg_rewrite where rulename = '_RETURN'
        union all select 'pg_attrdef'::regclass, d.oid, 0, 'pg_class'::regclass, adrelid, adnum from pg_attrdef d
                    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where a.attgenerated <> ''
        union all select 'pg_class'::regclass, conindid, 0, 'pg_constraint'::regclass, oid, 0 from pg_constraint where contype in ('p', 'u', 'x')
        union all select 'pg_amop'::regclass, objid, 0, refclassid, refobjid, 0 from pg_depend where classid = 'pg_amop'::regclass and refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
        union all select 'pg_amproc'::regclass, objid, 0, refclassid, refobjid, 0 from pg_depend where classid = 'pg_amproc'::regclass and refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
        union all select 'pg_class'::regclass, objid, 0, 'pg_class'::regclass, refobjid, refobjsubid from pg_depend
                   where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype = 'i' and refobjsubid > 0
        """;

    /// <summary>A serial column's default needs the sequence: that the column owns it is a thing of its own, with the number -1.</summary>
    private const string Dependencies =
        """
        select d.classid, d.objid, case when owned then -1 else d.objsubid end, d.refclassid, d.refobjid, d.refobjsubid, d.deptype::text
          from pg_depend d,
          lateral (select d.deptype = 'a' and d.refobjsubid > 0 and exists (select from pg_class c where d.classid = 'pg_class'::regclass and c.oid = d.objid and c.relkind = 'S')) as o (owned)
         where d.objid >= 16384
        """;

    /// <summary>Kinds that aren't modelled: whatever of them there is, by the name PostgreSQL gives it.</summary>
    private const string Others =
        """
        select i.type || ' ' || i.identity from (
                    select 'pg_largeobject'::regclass::oid as class, oid from pg_largeobject_metadata
          union all select 'pg_subscription'::regclass, oid from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
          union all select 'pg_type'::regclass, oid from pg_type where typtype = 'b' and typcategory <> 'A'
          union all select classoid, objoid from pg_seclabel where objsubid = 0) as o,
          lateral pg_identify_object(o.class, o.oid, 0) as i
         where o.oid >= 16384 and coalesce(i.schema, '') <> all (@excluded)
           and not exists (select from pg_depend e where e.classid = o.class and e.objid = o.oid and e.deptype in ('e', 'i'))
         order by 1
        """;

    private readonly Dictionary<Address, Address> aliases = [];
    private readonly List<(Address From, Address To, string Type)> dependencies = [];
    private readonly Dictionary<Address, SchemaObject> byAddress = [];
    private readonly SchemaModel model = new();

    private CatalogueReader()
    {
    }

    /// <param name="connection">Its search_path is emptied, so that every name is written in full.</param>
    /// <param name="excluded">Names of schemas that are no part of it.</param>
    public static async Task<SchemaModel> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> excluded, CancellationToken cancellationToken)
    {
        var kinds = ObjectKinds.All.Where(kind => kind.FromMajor <= connection.PostgreSqlVersion.Major).ToList();
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        foreach (var sql in (string[])["set search_path = ''", Aliases, Dependencies, Others, .. kinds.Select(kind => kind.Query)])
        {
            var command = new NpgsqlBatchCommand(sql);
            if (sql.Contains("@excluded", StringComparison.Ordinal)) command.Parameters.AddWithValue("excluded", excluded.ToArray());
            batch.BatchCommands.Add(command);
        }

        var reader = new CatalogueReader();
        await using (var row = await batch.ExecuteReaderAsync(cancellationToken)) await reader.ReadRowsAsync(row, kinds, cancellationToken);
        reader.Link();
        return reader.model;
    }

    /// <summary>In the order of the batch.</summary>
    private async Task ReadRowsAsync(NpgsqlDataReader row, IReadOnlyList<ObjectKind> kinds, CancellationToken cancellationToken)
    {
        while (await row.ReadAsync(cancellationToken)) aliases.TryAdd(AddressAt(row, 0), AddressAt(row, 3));
        await row.NextResultAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) dependencies.Add((AddressAt(row, 0), AddressAt(row, 3), row.GetString(6)));
        await row.NextResultAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) model.AddNotModelled(row.GetString(0));

        var ofExtensions = dependencies.Where(dependency => dependency.Type == "e").Select(dependency => dependency.From with { Number = 0 }).ToHashSet();
        foreach (var kind in kinds)
        {
            await row.NextResultAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
                if (!ofExtensions.Contains(AddressAt(row, 0) with { Number = 0 })) Add(kind, row);
        }
    }

    /// <summary>A part of what isn't there (an extension's, an excluded schema's) isn't either.</summary>
    private void Add(ObjectKind kind, NpgsqlDataReader row)
    {
        var (address, parentAddress) = (AddressAt(row, 0), AddressAt(row, 3));
        var parent = parentAddress.Oid == 0 ? null : Resolve(parentAddress);
        if (parentAddress.Oid != 0 && parent is null) return;

        var found = new SchemaObject(kind, row.GetString(6), Pairs(row.GetString(7)), Pairs(row.GetString(8))) { Parent = parent };
        model.Add(found);
        // Nothing depends on a comment or on privileges.
        if (address.Oid != 0) byAddress.TryAdd(address, found);
        if (parent is not null) Depend(found, parent, takesAlong: true);
    }

    private void Link()
    {
        foreach (var (from, to, type) in dependencies)
            if (Resolve(from) is { } dependent && Resolve(to) is { } needed)
            {
                if (from.Number < 0) dependent.Parent?.GoesWith.Add(needed);
                Depend(dependent, needed, takesAlong: type is "a" or "i" or "P" or "S" && !dependent.Kind.HoldsData);
            }

        // A column of a partition is its parent's as long as it is attached.
        foreach (var found in model.Objects.Where(found => found.Kind == Tables.Inheritance))
            foreach (var column in found.Parent!.Users.Where(part => part.Kind == Columns.Column).ToList())
                Depend(found, column, takesAlong: false);
        foreach (var found in model.Objects)
            if (model.Find(found.Fact("needs")) is { } needed)
                Depend(found, needed, takesAlong: false);
    }

    private SchemaObject? Resolve(Address address)
    {
        for (var depth = 0; depth < 4; depth++)
        {
            if (byAddress.TryGetValue(address, out var found) || byAddress.TryGetValue(address with { Number = 0 }, out found)) return found;
            if (!aliases.TryGetValue(address, out var other) && !aliases.TryGetValue(address with { Number = 0 }, out other)) return null;
            address = other;
        }

        return null;
    }

    private static void Depend(SchemaObject dependent, SchemaObject needed, bool takesAlong)
    {
        if (dependent == needed || needed.Parent == dependent) return;
        dependent.DependsOn.Add(needed);
        needed.Users.Add(dependent);
        if (takesAlong) dependent.GoesWith.Add(needed);
    }

    private static Address AddressAt(NpgsqlDataReader row, int column) =>
        new(row.GetFieldValue<uint>(column), row.GetFieldValue<uint>(column + 1), row.GetInt32(column + 2));

    private static Dictionary<string, string> Pairs(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().Where(pair => pair.Value.ValueKind != JsonValueKind.Null)
            .ToDictionary(pair => pair.Name, pair => pair.Value.ValueKind == JsonValueKind.String ? pair.Value.GetString()! : pair.Value.GetRawText(), StringComparer.Ordinal);
    }

    /// <summary>Where pg_depend finds an object: the system table, the row, and the column's number.</summary>
    private readonly record struct Address(uint Catalogue, uint Oid, int Number);
}
