using static DeepSight.Core.Migrations.Autogenerate.CatalogueQuery;

namespace DeepSight.Core.Migrations.Autogenerate.Kinds;

/// <summary>Foreign-data wrappers, servers and user mappings. A mapping's password is a secret, and no part of a schema.</summary>
internal static class ForeignData
{
    private const char Separator = '\x1f';

    public static ObjectKind Wrapper { get; } = new("foreign-data wrapper", Select(("pg_foreign_data_wrapper", "w.oid", "0"), "quote_ident(w.fdwname)", "from pg_foreign_data_wrapper w",
        properties: $"'handler', nullif(w.fdwhandler::regproc::text, '-'), 'validator', nullif(w.fdwvalidator::regproc::text, '-'), 'options', {Options("w.fdwoptions")}"))
    {
        Create = (o, _) => [$"CREATE FOREIGN DATA WRAPPER {o.Identity}{Types.With(" HANDLER ", o["handler"])}{Types.With(" VALIDATOR ", o["validator"])}{Say(o)}"],
        Drop = o => [$"DROP FOREIGN DATA WRAPPER {o.Identity}"],
        Rename = "ALTER FOREIGN DATA WRAPPER {1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["handler"] = Alteration.To(o => $"ALTER FOREIGN DATA WRAPPER {o.Identity} {(o["handler"].Length == 0 ? "NO HANDLER" : $"HANDLER {o["handler"]}")}"),
            ["validator"] = Alteration.To(o => $"ALTER FOREIGN DATA WRAPPER {o.Identity} {(o["validator"].Length == 0 ? "NO VALIDATOR" : $"VALIDATOR {o["validator"]}")}"),
            ["options"] = Change(o => $"ALTER FOREIGN DATA WRAPPER {o.Identity}"),
        },
    };

    public static ObjectKind Server { get; } = new("server", Select(("pg_foreign_server", "s.oid", "0"), "quote_ident(s.srvname)",
        "from pg_foreign_server s join pg_foreign_data_wrapper w on w.oid = s.srvfdw",
        properties: $"'type', quote_literal(s.srvtype), 'version', quote_literal(s.srvversion), 'wrapper', quote_ident(w.fdwname), 'options', {Options("s.srvoptions")}"))
    {
        Create = (o, _) => [$"CREATE SERVER {o.Identity}{Types.With(" TYPE ", o["type"])}{Types.With(" VERSION ", o["version"])} FOREIGN DATA WRAPPER {o["wrapper"]}{Say(o)}"],
        Drop = o => [$"DROP SERVER {o.Identity}"],
        Rename = "ALTER SERVER {1} RENAME TO {2}",
        Alter = new Dictionary<string, Alteration>
        {
            ["version"] = Alteration.To(o => $"ALTER SERVER {o.Identity} VERSION {(o["version"].Length == 0 ? "NULL" : o["version"])}"),
            ["options"] = Change(o => $"ALTER SERVER {o.Identity}"),
        },
    };

    public static ObjectKind UserMapping { get; } = new("user mapping", Select(("pg_user_mapping", "m.umid", "0"), "format('FOR %s SERVER %I', case when m.umuser = 0 then 'PUBLIC' else quote_ident(m.usename) end, m.srvname)",
        "from pg_user_mappings m",
        properties: $"'options', {Options("m.umoptions", " where option_name not in ('password', 'sslpassword')")}", parent: ("pg_foreign_server", "m.srvid", "0")))
    {
        Create = (o, _) => [$"CREATE USER MAPPING {o.Identity}{Say(o)}"],
        Drop = o => [$"DROP USER MAPPING {o.Identity}"],
        Alter = new Dictionary<string, Alteration> { ["options"] = Change(o => $"ALTER USER MAPPING {o.Identity}") },
    };

    /// <summary>An expression: a name and a literal each.</summary>
    public static string Options(string array, string where = "") =>
        $"(select string_agg(quote_ident(option_name) || ' ' || ltrim(quote_literal(option_value)), E'\\x1f' order by option_name) from pg_options_to_table({array}){where})";

    /// <summary>As CREATE has them.</summary>
    public static string Say(SchemaObject o, string property = "options") => o[property].Length == 0 ? "" : $" OPTIONS ({string.Join(", ", Split(o[property]))})";

    public static Alteration Change(Func<SchemaObject, string> alter) => Change("options", alter);

    public static Alteration Change(string property, Func<SchemaObject, string> alter) => new((old, now) =>
    {
        var (before, after) = (Split(old[property]), Split(now[property]));
        var had = before.Select(Name).ToList();
        return
        [
            $"{alter(now)} OPTIONS ({string.Join(", ", [.. had.Except(after.Select(Name)).Select(name => $"DROP {name}"),
                .. after.Except(before).Select(option => $"{(had.Contains(Name(option)) ? "SET" : "ADD")} {option}")])})",
        ];
    });

    private static string[] Split(string options) => options.Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    private static string Name(string option) => option.StartsWith('"') ? option[..(option.IndexOf('"', 1) + 1)] : option.Split(' ')[0];
}
