using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Enums, domains, composite types and ranges.</summary>
internal static class Types
{
    private const string Named = "format('%I.%I', n.nspname, t.typname)";

    private const string Aside = "'schema', quote_ident(n.nspname), 'aside', quote_ident(t.typname || '__old')";

    private static readonly (string, string, string) Type = ("pg_type", "t.oid", "0");

    public static ObjectKind Enum { get; } = new("enum", Select(Type, Named,
        $"from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and {OfUsers}",
        properties: "'labels', (select string_agg(quote_literal(enumlabel), E'\\n' order by enumsortorder) from pg_enum where enumtypid = t.oid)",
        facts: Aside))
    {
        Create = (o, _) => [CreateEnum(o)],
        Drop = o => [$"DROP TYPE {o.Identity}"],
        Rename = "ALTER TYPE {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["labels"] = new(ChangeLabels) { Displaces = (old, now) => Extends(old, now) ? [] : old.Users.SelectMany(InTheWay) },
        },
    };

    public static ObjectKind Domain { get; } = new("domain", Select(Type, Named,
        $"from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'd' and {OfUsers}",
        properties: """
            'type', format_type(t.typbasetype, t.typtypmod), 'default', t.typdefault, 'not_null', t.typnotnull,
            'collation', (select format('%I.%I', cn.nspname, co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace, pg_type b
                           where b.oid = t.typbasetype and co.oid = t.typcollation and t.typcollation <> b.typcollation)
            """,
        facts: Aside))
    {
        Create = (o, parts) => [$"CREATE DOMAIN {o.Identity} AS {o["type"]}{With(" COLLATE ", o["collation"])}{With(" DEFAULT ", o["default"])}{(o.Is("not_null") ? " NOT NULL" : "")}"
            + string.Concat(parts(o).Select(part => $"\n    CONSTRAINT {part.Fact("name")} {part["definition"]}"))],
        Drop = o => [$"DROP DOMAIN {o.Identity}"],
        Rename = "ALTER DOMAIN {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["type"] = new((old, now, stays) => Move(old, now, stays, $"CREATE DOMAIN {now.Identity} AS {now["type"]}{With(" COLLATE ", now["collation"])}{With(" DEFAULT ", now["default"])}{(now.Is("not_null") ? " NOT NULL" : "")}", (name, _) => $"{name}::{now["type"]}"))
            {
                Displaces = (old, _) => old.Users.SelectMany(InTheWay),
            },
            ["default"] = Alteration.To(o => $"ALTER DOMAIN {o.Identity} {(o["default"].Length == 0 ? "DROP DEFAULT" : $"SET DEFAULT {o["default"]}")}"),
            ["not_null"] = Alteration.To(o => $"ALTER DOMAIN {o.Identity} {(o.Is("not_null") ? "SET" : "DROP")} NOT NULL"),
        },
    };

    public static ObjectKind DomainConstraint { get; } = new("domain constraint", Select(("pg_constraint", "k.oid", "0"),
        "format('%I.%I.%I', n.nspname, t.typname, k.conname)",
        $"from pg_constraint k join pg_type t on t.oid = k.contypid join pg_namespace n on n.oid = t.typnamespace where k.contype = 'c' and {OfUsers}",
        properties: "'definition', pg_get_constraintdef(k.oid)", facts: "'name', quote_ident(k.conname)", parent: Type))
    {
        IsPart = true,
        Create = (o, _) => [$"ALTER DOMAIN {o.Parent!.Identity} ADD CONSTRAINT {o.Fact("name")} {o["definition"]}"],
        Drop = o => [$"ALTER DOMAIN {o.Parent!.Identity} DROP CONSTRAINT {o.Fact("name")}"],
    };

    public static ObjectKind Composite { get; } = new("composite type", Select(Type, Named,
        $"from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_class c on c.oid = t.typrelid where c.relkind = 'c' and {OfUsers}",
        properties: "'attributes', (select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), E',\\n    ' order by attnum) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)"))
    {
        Create = (o, _) => [$"CREATE TYPE {o.Identity} AS (\n    {o["attributes"]}\n)"],
        Drop = o => [$"DROP TYPE {o.Identity}"],
        Rename = "ALTER TYPE {0}.{1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration> { ["attributes"] = new(ChangeAttributes) },
    };

    public static ObjectKind Range { get; } = new("range type", Select(Type, Named,
        $"from pg_range r join pg_type t on t.oid = r.rngtypid join pg_type m on m.oid = r.rngmultitypid join pg_type s on s.oid = r.rngsubtype join pg_namespace n on n.oid = t.typnamespace where {OfUsers}",
        properties: """
            'options', concat_ws(E',\n    ', 'SUBTYPE = ' || format_type(r.rngsubtype, null),
                (select format('SUBTYPE_OPCLASS = %I.%I', sn.nspname, opcname) from pg_opclass o join pg_namespace sn on sn.oid = o.opcnamespace where o.oid = r.rngsubopc and not opcdefault),
                (select format('COLLATION = %I.%I', sn.nspname, collname) from pg_collation c join pg_namespace sn on sn.oid = c.collnamespace where c.oid = r.rngcollation and c.oid <> s.typcollation),
                'CANONICAL = ' || nullif(r.rngcanonical::text, '-'), 'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::text, '-'),
                format('MULTIRANGE_TYPE_NAME = %I.%I', n.nspname, m.typname))
            """))
    {
        Create = (o, _) => [$"CREATE TYPE {o.Identity} AS RANGE (\n    {o["options"]}\n)"],
        Drop = o => [$"DROP TYPE {o.Identity}"],
        Rename = "ALTER TYPE {0}.{1} RENAME TO {2}",
    };

    public static string With(string before, string text) => text.Length == 0 ? "" : before + text;

    /// <summary>The labels, quoted, that a change adds to an enum.</summary>
    public static IReadOnlyList<string> AddedLabels(SchemaChange change) => change.Kind == ChangeKind.Alter && change.Object.Kind == Enum && Extends(change.Old!, change.Object)
        ? [.. change.Object["labels"].Split('\n').Except(change.Old!["labels"].Split('\n'))] : [];

    public static bool DropsAttributes(SchemaObject old, SchemaObject now) => Attributes(old).Except(Attributes(now)).Any();

    /// <summary>Columns move to the new type; what reads them, or names the type otherwise, does not.</summary>
    private static IEnumerable<SchemaObject> InTheWay(SchemaObject user) =>
        user.Kind == Columns.Column ? Columns.InTheWay(user) : user.Kind == Notes.Comment || user.Kind == Notes.Grant ? [] : [user];

    private static string CreateEnum(SchemaObject o) => $"CREATE TYPE {o.Identity} AS ENUM ({o["labels"].Replace("\n", ", ", StringComparison.Ordinal)})";

    /// <summary>Every label that was is still there, in the same order.</summary>
    private static bool Extends(SchemaObject old, SchemaObject now)
    {
        var (before, after) = (old["labels"].Split('\n'), now["labels"].Split('\n'));
        return after.Where(before.Contains).SequenceEqual(before);
    }

    /// <summary>New labels are added; for anything else there is a new type, to which the columns move.</summary>
    private static IEnumerable<string> ChangeLabels(SchemaObject old, SchemaObject now, Func<SchemaObject, bool> stays)
    {
        var (before, after) = (old["labels"].Split('\n'), now["labels"].Split('\n'));
        if (Extends(old, now))
        {
            for (var i = 0; i < after.Length; i++)
                if (!before.Contains(after[i]))
                    yield return $"ALTER TYPE {now.Identity} ADD VALUE {after[i]}{(i > 0 ? $" AFTER {after[i - 1]}" : $" BEFORE {before[0]}")}";
            yield break;
        }

        foreach (var statement in Move(old, now, stays, CreateEnum(now), (name, type) => $"{name}::text{(type.EndsWith("[]", StringComparison.Ordinal) ? "[]" : "")}")) yield return statement;
    }

    /// <summary>The old type steps aside, the new one is made, and the columns move over.</summary>
    /// <param name="value">From a column's name and type, what its new value is cast from.</param>
    private static IEnumerable<string> Move(SchemaObject old, SchemaObject now, Func<SchemaObject, bool> stays, string create, Func<string, string, string> value) =>
    [
        $"ALTER {(old.Kind == Domain ? "DOMAIN" : "TYPE")} {old.Identity} RENAME TO {old.Fact("aside")}",
        create,
        .. old.Users.Where(user => user.Kind == Columns.Column && !user.IsInherited && stays(user) && now.Users.Any(still => still.Key == user.Key)).Select(column => Columns.Retype(column, value(column.Fact("name"), column["type"]))),
        $"DROP {(old.Kind == Domain ? "DOMAIN" : "TYPE")} {old.Fact("schema")}.{old.Fact("aside")}",
    ];

    /// <summary>Attributes come behind the others and go from anywhere; for another order or type the whole is made anew.</summary>
    private static IEnumerable<string>? ChangeAttributes(SchemaObject old, SchemaObject now)
    {
        var (before, after) = (Attributes(old), Attributes(now));
        var kept = before.Where(after.Contains).ToList();
        return !after.Take(kept.Count).SequenceEqual(kept) ? null :
        [
            .. before.Except(kept).Select(attribute => $"ALTER TYPE {now.Identity} DROP ATTRIBUTE {attribute[..attribute.IndexOf(' ', attribute.StartsWith('"') ? attribute.IndexOf('"', 1) : 0)]}"),
            .. after.Skip(kept.Count).Select(attribute => $"ALTER TYPE {now.Identity} ADD ATTRIBUTE {attribute}"),
        ];
    }

    private static string[] Attributes(SchemaObject o) => o["attributes"].Split(",\n    ");
}
