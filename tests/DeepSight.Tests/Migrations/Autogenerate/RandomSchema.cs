using System.Text;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>
/// Two schemas of one seed that differ here and there: tables, columns, constraints, indexes, views over views, functions, triggers,
/// partitions, policies and enums. Each choice has a path; the second schema chooses anew at some of them.
/// </summary>
internal sealed class RandomSchema(int seed)
{
    private static readonly string[][] Families =
    [
        ["integer", "bigint", "smallint", "numeric(8,2)"], ["text", "varchar(10)", "varchar(20)", "text collate \"C\""], ["date", "timestamptz", "timestamp"], ["boolean"],
        ["jsonb", "json"], ["integer[]", "bigint[]"], ["mood", "text"], ["positive", "integer"],
    ];

    private static readonly string[] Defaults = ["1", "'x'", "'2020-01-01'", "true", "'{}'", "'{}'", "'a'", "1"];

    private readonly Dictionary<string, bool> anew = new(StringComparer.Ordinal);

    /// <summary>Where the second schema differs; what is taken away from it makes the pair smaller.</summary>
    public HashSet<string> Differences { get; } = new(StringComparer.Ordinal);

    public override string ToString() => $"seed {seed}\n-- was\n{Write(isSecond: false)}\n-- will\n{Write(isSecond: true)}";

    public string Write(bool isSecond)
    {
        var sql = new StringBuilder();
        var labels = "abcdef".Where(label => label == 'a' || Roll($"mood.{label}", 2) == 0).ToList();
        if (Roll("mood.turned", 5) == 0) labels.Reverse();
        Say($"create type mood as enum ({string.Join(", ", labels.Select(label => $"'{label}'"))})");
        Say($"create domain positive as integer{(Roll("positive.default", 3) == 0 ? " default 1" : "")} constraint low check (value > -{Roll("positive.low", 3)})");
        Say($"create function f({(Roll("f.name", 3) == 0 ? "b" : "a")} integer) returns {(Roll("f.returns", 4) == 0 ? "bigint" : "integer")} language sql immutable as 'select $1 + {Roll("f.body", 4)}'");
        Say($"create function changed() returns trigger language plpgsql as 'begin return new; /* {Roll("changed.body", 3)} */ end'");
        if (Roll("s", 3) > 0) Say($"create sequence s increment {1 + Roll("s.increment", 3)} cache {1 + Roll("s.cache", 2)}{(Roll("s.cycle", 2) == 0 ? " cycle" : "")}");

        var tables = Enumerable.Range(0, 4).Where(number => number == 0 || Roll($"t{number}", 4) > 0).Select(number => $"t{number}").ToList();
        foreach (var table in tables) Table(table);
        foreach (var table in tables.Where(table => Has($"{table}.ref")))
            if (tables[Roll($"{table}.refers", 4, isFixed: true) % tables.Count] is var other && Roll($"{other}.key", 4) > 0)
                Say($"alter table {table} add constraint {table}_ref foreign key (ref) references {other}{(Roll($"{table}.cascade", 3) == 0 ? " on delete cascade" : "")}{(Roll($"{table}.later", 4) == 0 ? " deferrable" : "")}");
        Views();
        return sql.ToString();

        bool Has(string path, int sides = 2) => Roll(path, sides) == 0;

        void Say(string statement) => sql.Append(statement).Append(";\n");

        int Roll(string path, int sides, bool isFixed = false) => isSecond && !isFixed && IsAnew(path, sides) ? Hash(path, 2) % sides : Hash(path, 1) % sides;

        void Table(string t)
        {
            var isPartitioned = Has($"{t}.partitioned", 6);
            var lines = new List<string> { "id integer not null" };
            var columns = new List<(string Name, int Family)>();
            for (var number = 0; number < 5; number++)
            {
                var column = $"c{number}";
                if (Roll($"{t}.{column}", 3) == 0) continue;

                var family = Roll($"{t}.{column}.family", Families.Length, isFixed: true);
                var type = Families[family][Roll($"{t}.{column}.type", Families[family].Length)];
                columns.Add((column, family));
                if (Has($"{t}.{column}.generated", 8) && family == 0) lines.Add($"{column} {type} generated always as ({(Has($"{t}.{column}.calls") ? "f(id)" : $"id * {1 + Roll($"{t}.{column}.times", 3)}")}) stored");
                else lines.Add($"{column} {type}{(Has($"{t}.{column}.default", 3) ? $" default {Defaults[family]}" : "")}{(Has($"{t}.{column}.not_null", 3) ? " not null" : "")}");
            }

            if (Has($"{t}.ref")) lines.Add("ref integer");
            if (Roll($"{t}.key", 4) > 0) lines.Add($"constraint {t}_key primary key (id)");
            if (Has($"{t}.check", 3)) lines.Add($"constraint {t}_check check ({(Has($"{t}.check.calls") ? $"f(id) > {Roll($"{t}.check.low", 3)}" : $"id > {Roll($"{t}.check.low", 3)}")})");
            var plain = columns.Where(column => column.Family is not (4 or 5)).ToList();
            if (!isPartitioned && plain.Count > 0 && Has($"{t}.unique", 3)) lines.Add($"constraint {t}_unique unique ({plain[0].Name}){(Has($"{t}.unique.later", 3) ? " deferrable initially deferred" : "")}");
            Say($"create table {t} (\n  {string.Join(",\n  ", lines)}\n){(isPartitioned ? " partition by list (id)" : "")}");
            if (isPartitioned)
            {
                Say($"create table {t}_one partition of {t} for values in ({(Has($"{t}_one.more") ? "1, 2" : "1")})");
                if (Has($"{t}_rest")) Say($"create table {t}_rest partition of {t} default");
            }

            // Two indexes of a partition can take each other's names, which nobody chose: told as a difference that can't be written.
            for (var number = 0; number < (isPartitioned ? 1 : 2) && plain.Count > 0; number++)
                if (Has($"{t}.i{number}"))
                {
                    var on = plain[Roll($"{t}.i{number}.on", 5) % plain.Count];
                    Say($"create index {t}_i{number} on {t} ({(on.Family == 1 && Has($"{t}.i{number}.lower") ? $"lower({on.Name})" : on.Name)}{(Has($"{t}.i{number}.down") ? " desc" : "")})"
                        + (Has($"{t}.i{number}.some", 3) ? $" where id > {Roll($"{t}.i{number}.low", 2)}" : ""));
                }

            if (Has($"{t}.statistics", 4) && plain.Count > 0) Say($"create statistics {t}_statistics on id, {plain[^1].Name} from {t}");
            if (Has($"{t}.trigger", 3)) Say($"create trigger {t}_changed {(Has($"{t}.trigger.before") ? "before insert" : "after update")} on {t} for each row execute function changed()");
            if (Has($"{t}.policy", 3)) Say($"alter table {t} enable row level security;\ncreate policy own on {t}{(Has($"{t}.policy.select") ? " for select" : "")} using (id > {Roll($"{t}.policy.low", 2)})");
            if (Has($"{t}.comment", 3)) Say($"comment on table {t} is '{Roll($"{t}.comment.text", 3)}'");
            if (columns.Count > 0 && Has($"{t}.column.comment", 3)) Say($"comment on column {t}.{columns[0].Name} is '{Roll($"{t}.column.comment.text", 3)}'");
            if (Has($"{t}.grant", 3)) Say($"grant {(Has($"{t}.grant.insert") ? "select, insert" : "select")} on {t} to public");
            readable[t] = columns.ConvertAll(column => column.Name);
        }

        void Views()
        {
            var below = tables.ToList();
            for (var number = 0; number < 4; number++)
            {
                var v = $"v{number}";
                if (Roll(v, 3) == 0) continue;

                var from = below[Roll($"{v}.from", 8) % below.Count];
                var chosen = readable[from].Where(column => Has($"{v}.{column}")).ToList();
                if (Has($"{v}.turned", 4)) chosen.Reverse();
                var isStored = Has($"{v}.stored", 4);
                Say($"create {(isStored ? "materialized " : "")}view {v} as select {string.Join(", ", [.. chosen, Has($"{v}.calls", 4) ? "f(id::integer) as id" : "id"])} from {from}{(Has($"{v}.where", 3) ? $" where id > {Roll($"{v}.low", 2)}" : "")}");
                if (isStored && Has($"{v}.index")) Say($"create unique index {v}_id on {v} (id)");
                if (Has($"{v}.comment", 3)) Say($"comment on {(isStored ? "materialized " : "")}view {v} is '{Roll($"{v}.comment.text", 3)}'");
                readable[v] = chosen;
                below.Add(v);
            }
        }
    }

    private readonly Dictionary<string, List<string>> readable = new(StringComparer.Ordinal);

    private bool IsAnew(string path, int sides)
    {
        if (!anew.ContainsKey(path))
        {
            anew[path] = Hash(path, 3) % 5 == 0 && Hash(path, 1) % sides != Hash(path, 2) % sides;
            if (anew[path]) Differences.Add(path);
        }

        return Differences.Contains(path);
    }

    /// <summary>The same in every process.</summary>
    private int Hash(string path, int turn)
    {
        var hash = 2166136261u ^ ((uint)seed * 2654435761u) ^ ((uint)turn * 40503u);
        foreach (var letter in path) hash = (hash ^ letter) * 16777619u;
        hash ^= hash >> 15;
        hash *= 2246822519u;
        return (int)((hash ^ (hash >> 13)) >> 1);
    }
}
