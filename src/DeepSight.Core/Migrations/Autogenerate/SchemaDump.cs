using System.Text.RegularExpressions;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>A schema in pg_dump's words: a second witness, which knows of every kind of object.</summary>
internal static partial class SchemaDump
{
    /// <summary>The dump as SQL alone: psql's own lines are left out.</summary>
    /// <exception cref="DeepSightException">pg_dump failed.</exception>
    public static async Task<string> ReadAsync(DatabaseUrl database, PostgresClients clients, SchemaScope scope, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        var server = await PostgresServer.DescribeAsync(connection, cancellationToken);
        var client = await clients.ForDumpAsync(server.Version, cancellationToken);
        var options = new DumpOptions { Content = DumpContent.SchemaWithAccess, ApplicationName = "deepsight migrate", SharesOwnSchema = server.SharesOwnSchema, LeavesOut = await scope.DumpArgumentsAsync(connection, cancellationToken) };
        await using var dump = PostgresTools.StartDump(database, client, options, cancellationToken);
        using var reader = new StreamReader(dump.Output);
        var text = await reader.ReadToEndAsync(cancellationToken);
        await dump.WaitForSuccessAsync();
        return MetaCommand().Replace(text, "");
    }

    /// <summary>Its statements without owners, each CREATE TABLE with its lines sorted: the order of columns is no difference.</summary>
    public static HashSet<string> Statements(string dump) =>
        [.. SqlSplitter.Split(dump, "pg_dump").Select(statement => statement.Text).Where(statement => !Owner().IsMatch(statement)).Select(WithoutPassword).Select(Sorted)];

    /// <summary>What one has and the other doesn't, at most a few, for people.</summary>
    public static IEnumerable<string> Differences(HashSet<string> found, HashSet<string> wanted) =>
        [.. wanted.Except(found).Take(3).Select(statement => $"missing: {statement}"), .. found.Except(wanted).Take(3).Select(statement => $"too much: {statement}")];

    /// <summary>A secret, and no part of a schema.</summary>
    private static string WithoutPassword(string statement) => statement.StartsWith("CREATE USER MAPPING", StringComparison.Ordinal)
        ? NoOptions().Replace(Password().Replace(statement, ""), "") : statement;

    private static string Sorted(string statement)
    {
        if (!statement.StartsWith("CREATE TABLE", StringComparison.Ordinal) && !statement.StartsWith("CREATE UNLOGGED TABLE", StringComparison.Ordinal)) return statement;
        var lines = statement.Split('\n').Select(line => line.TrimEnd(',')).ToArray();
        return string.Join('\n', (string[])[lines[0], .. lines[1..].Order(StringComparer.Ordinal)]);
    }

    [GeneratedRegex(@",?\s*\b(ssl)?password E?'([^'\\]|''|\\.)*'")]
    private static partial Regex Password();

    [GeneratedRegex(@"\s*OPTIONS \(\s*\)|(?<=\(),(?=\s)")]
    private static partial Regex NoOptions();

    [GeneratedRegex(@"(?m)^\\.*$")]
    private static partial Regex MetaCommand();

    [GeneratedRegex(@"\AALTER [A-Z ]+ .* OWNER TO [^\n]*\z")]
    private static partial Regex Owner();
}
