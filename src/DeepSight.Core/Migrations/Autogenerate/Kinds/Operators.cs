using System.Text.RegularExpressions;
using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Operators, and the classes and families through which indexes use them.</summary>
internal static partial class Operators
{
    private const string Separator = ",\n    ";

    /// <summary>A commutator or negator that isn't there yet becomes a shell, which its own CREATE fills; the server does the same.</summary>
    public static ObjectKind Operator { get; } = new("operator", Select(("pg_operator", "o.oid", "0"), "o.oid::regoperator::text",
        $"from pg_operator o join pg_namespace n on n.oid = o.oprnamespace where o.oprcode <> 0 and {OfUsers}",
        properties: $"""
            'definition', concat_ws(', ', 'FUNCTION = ' || o.oprcode::regproc, 'LEFTARG = ' || format_type(nullif(o.oprleft, 0), null), 'RIGHTARG = ' || format_type(nullif(o.oprright, 0), null),
                {Linked("COMMUTATOR", "o.oprcom")}, {Linked("NEGATOR", "o.oprnegate")}, case when o.oprcanhash then 'HASHES' end, case when o.oprcanmerge then 'MERGES' end),
            'restrict', nullif(o.oprrest::regproc::text, '-'), 'join', nullif(o.oprjoin::regproc::text, '-')
            """,
        facts: "'name', format('%I.%s', n.nspname, o.oprname)"))
    {
        Create = (o, _) => [$"CREATE OPERATOR {o.Fact("name")} ({o["definition"]}{Types.With(", RESTRICT = ", o["restrict"])}{Types.With(", JOIN = ", o["join"])})"],
        Drop = o => [$"DROP OPERATOR {o.Identity}"],
        Alter = ((string[])["restrict", "join"]).ToDictionary(property => property,
            property => Alteration.To(o => $"ALTER OPERATOR {o.Identity} SET ({property.ToUpperInvariant()} = {(o[property].Length == 0 ? "NONE" : o[property])})")),
    };

    public static ObjectKind Family { get; } = new("operator family", Select(("pg_opfamily", "f.oid", "0"), "format('%I.%I USING %I', n.nspname, f.opfname, am.amname)",
        $"from pg_opfamily f join pg_namespace n on n.oid = f.opfnamespace join pg_am am on am.oid = f.opfmethod where {OfUsers}",
        properties: $"'members', {Members("'pg_opfamily'::regclass", "f.oid", "a")}"))
    {
        Create = (o, _) => [$"CREATE OPERATOR FAMILY {o.Identity}", .. Change(o, "ADD", Split(o))],
        Drop = o => [$"DROP OPERATOR FAMILY {o.Identity}"],
        Alter = new Dictionary<string, Alteration>
        {
            ["members"] = new((old, now) => [.. Change(now, "DROP", Split(old).Except(Split(now)).Select(Slot)), .. Change(now, "ADD", Split(now).Except(Split(old)))]),
        },
    };

    public static ObjectKind Class { get; } = new("operator class", Select(("pg_opclass", "c.oid", "0"), "format('%I.%I USING %I', n.nspname, c.opcname, am.amname)",
        $"""
        from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace join pg_am am on am.oid = c.opcmethod
        join pg_opfamily f on f.oid = c.opcfamily join pg_namespace fn on fn.oid = f.opfnamespace where {OfUsers}
        """,
        properties: $"""
            'default', c.opcdefault, 'type', format_type(c.opcintype, null), 'family', format('%I.%I', fn.nspname, f.opfname),
            'storage', case when c.opckeytype <> 0 and c.opckeytype <> c.opcintype then format_type(c.opckeytype, null) end, 'members', {Members("'pg_opclass'::regclass", "c.oid", "i")}
            """,
        facts: "'name', format('%I.%I', n.nspname, c.opcname), 'method', quote_ident(am.amname)"))
    {
        Create = (o, _) =>
        [
            $"CREATE OPERATOR CLASS {o.Fact("name")}{(o.Is("default") ? " DEFAULT" : "")} FOR TYPE {o["type"]} USING {o.Fact("method")} FAMILY {o["family"]} AS\n    "
            + string.Join(Separator, [$"STORAGE {(o["storage"].Length == 0 ? o["type"] : o["storage"])}", .. Split(o)]),
        ],
        Drop = o => [$"DROP OPERATOR CLASS {o.Identity}"],
    };

    private static string Linked(string word, string oid) =>
        $"(select format('{word} = OPERATOR(%I.%s)', ln.nspname, l.oprname) from pg_operator l join pg_namespace ln on ln.oid = l.oprnamespace where l.oid = {oid})";

    /// <summary>Operators and functions that belong to the class itself, or loosely to the family.</summary>
    private static string Members(string catalogue, string oid, string dependency) =>
        $"""
        (select string_agg(member, E'{Separator.Replace("\n", "\\n", StringComparison.Ordinal)}' order by kind desc, number, member) from (
            select 'o' as kind, amopstrategy as number, format('OPERATOR %s %s%s', amopstrategy, amopopr::regoperator,
                       (select format(' FOR ORDER BY %I.%I', sn.nspname, opfname) from pg_opfamily s join pg_namespace sn on sn.oid = opfnamespace where s.oid = amopsortfamily)) as member
              from pg_amop a join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = a.oid and d.refclassid = {catalogue} and d.refobjid = {oid} and d.deptype = '{dependency}'
            union all
            select 'f', amprocnum, format('FUNCTION %s (%s, %s) %s', amprocnum, format_type(amproclefttype, null), format_type(amprocrighttype, null), amproc::regprocedure)
              from pg_amproc a join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = a.oid and d.refclassid = {catalogue} and d.refobjid = {oid} and d.deptype = '{dependency}') as m)
        """;

    private static string[] Split(SchemaObject o) => o["members"].Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Change(SchemaObject o, string action, IEnumerable<string> members) =>
        string.Join(Separator, members) is { Length: > 0 } list ? [$"ALTER OPERATOR FAMILY {o.Identity} {action}\n    {list}"] : [];

    /// <summary><c>OPERATOR 1 public.&lt;(a,b)</c> takes the place <c>OPERATOR 1 (a,b)</c>.</summary>
    private static string Slot(string member) => $"{string.Join(' ', member.Split(' ')[..2])} {FirstTypes().Match(member).Value}";

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex FirstTypes();
}
