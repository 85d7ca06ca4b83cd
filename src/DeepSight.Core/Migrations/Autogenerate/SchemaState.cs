using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>What a scratch database holds by two witnesses: our model of the catalogue, and pg_dump's statements.</summary>
internal sealed record SchemaState(SchemaModel Model, HashSet<string> Statements)
{
    /// <exception cref="DeepSightException">The database can't be read or dumped.</exception>
    public static async Task<SchemaState> ReadAsync(DatabaseUrl database, PostgresClients clients, SchemaScope scope, CancellationToken cancellationToken) =>
        await CompleteAsync(await ReadModelAsync(database, scope, cancellationToken), database, clients, scope, cancellationToken);

    /// <summary>Of a database whose model was read already.</summary>
    public static async Task<SchemaState> CompleteAsync(SchemaModel model, DatabaseUrl database, PostgresClients clients, SchemaScope scope, CancellationToken cancellationToken) =>
        new(model, SchemaDump.Statements(await SchemaDump.ReadAsync(database, clients, scope, cancellationToken)));

    public static async Task<SchemaModel> ReadModelAsync(DatabaseUrl database, SchemaScope scope, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        return scope.Of(await CatalogueReader.ReadAsync(connection, await scope.LeftOutAsync(connection, cancellationToken), cancellationToken));
    }

    /// <summary>For people; none when both witnesses see the same.</summary>
    /// <param name="here">What this one is called.</param>
    /// <param name="there">What the other is called.</param>
    public IReadOnlyList<string> DifferencesTo(SchemaState other, string here, string there) =>
        [.. Model.DifferencesTo(other.Model, here, there), .. SchemaDump.Differences(Statements, other.Statements)];
}
