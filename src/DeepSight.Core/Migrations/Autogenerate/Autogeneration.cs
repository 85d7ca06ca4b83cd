using DeepSight.Core.Databases;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>
/// Writes a revision out of a declared schema. Two scratch databases are made: one gets every migration, the other the declared
/// schema. What differs becomes the way up and the way down, and both are run before anything is written.
/// </summary>
public sealed class Autogeneration(MigrationSettings settings, PostgresClients clients, TimeProvider clock)
{
    private const string Application = "deepsight migrate";

    /// <summary>Compares; writes nothing.</summary>
    /// <param name="server">Where the scratch databases are made.</param>
    /// <returns>Both scripts, proven; empty where nothing differs.</returns>
    /// <exception cref="DeepSightException">
    /// A migration or a declared file fails, something differs that isn't modelled, or the proof doesn't hold.
    /// </exception>
    public async Task<GeneratedScripts> CompareAsync(DeclaredSchema declared, DatabaseUrl server, CompareRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        await using var scratch = await OpenAsync(declared, server, request, progress, cancellationToken);
        progress?.Report("comparing them");
        var migrated = scratch.First.Url;
        var (was, will) = (await SchemaState.ReadModelAsync(migrated, request.Scope, cancellationToken), await SchemaState.ReadModelAsync(scratch.Second.Url, request.Scope, cancellationToken));
        if (was.NotModelled.Except(will.NotModelled).Concat(will.NotModelled.Except(was.NotModelled)).ToList() is { Count: > 0 } strange)
            throw new DeepSightException(FailureKind.Refused, $"These differ, and autogenerate does not know their kind: {string.Join(", ", strange)}. {ChainProof.NothingWritten}",
                "write that part by hand: `deepsight migrate new` without --autogenerate, then run this again.");

        var renames = await RenameAsync(migrated, declared, request, cancellationToken);
        var renamed = renames.Count == 0 ? was : await SchemaState.ReadModelAsync(migrated, request.Scope, cancellationToken);
        await ExecuteAsync(migrated, renames.AsEnumerable().Reverse().Select(rename => rename.Down), cancellationToken);

        var up = SchemaDifference.Between(renamed, will);
        progress?.Report("proving the way up and the way down");
        try
        {
            return new GeneratedScripts(await new ChainProof(scratch, clients, request).RunAsync(up, was, renames, cancellationToken), SchemaHazards.Renames(up));
        }
        catch (DeepSightException e) when (request.Unproven && up.Changes.Any())
        {
            var (sql, back) = (ChangeText.Up(renames) + ChangeText.Of(up.Changes), ChangeText.Of(SchemaDifference.Between(will, renamed).Changes) + ChangeText.Down(renames));
            return new GeneratedScripts([new GeneratedRevision(sql, back, [.. SchemaHazards.Losses(up.Changes)])], SchemaHazards.Renames(up))
            {
                Unproven = e.Message.Replace(ChainProof.NothingWritten, "", StringComparison.Ordinal).TrimEnd(),
            };
        }
    }

    /// <summary>Compares with the head of the migrations what is declared and, where it is given, what a live database has.</summary>
    /// <param name="live">Only read. Null leaves it out.</param>
    /// <exception cref="DeepSightException">A migration or a declared file fails, or a server can't be reached.</exception>
    public async Task<SchemaCheck> CheckAsync(DeclaredSchema declared, DatabaseUrl? live, DatabaseUrl server, bool isOwnServer, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        await using var scratch = await OpenAsync(declared, server, new CompareRequest(["heads"], []) { IsOwnServer = isOwnServer }, progress, cancellationToken);
        var head = await SchemaState.ReadModelAsync(scratch.First.Url, SchemaScope.All, cancellationToken);
        return new SchemaCheck(
            [.. head.DifferencesTo(await SchemaState.ReadModelAsync(scratch.Second.Url, SchemaScope.All, cancellationToken), "in the migrations", "declared")],
            live is null ? [] : [.. head.DifferencesTo(await SchemaFolder.ReadAsync(live, settings, cancellationToken), "in the migrations", "in the database")
                // Alembic's bookkeeping stays where it was taken over.
                .Where(difference => !difference.Contains("public.alembic_version", StringComparison.Ordinal))]);
    }

    /// <summary>One database with the migrations, and one with the declared schema. What the server lacks is named before anything runs.</summary>
    private async Task<ScratchPair> OpenAsync(DeclaredSchema declared, DatabaseUrl server, CompareRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var present = request.Database is { } database ? await DeclaredSchema.OfDatabaseAsync(database, clients, cancellationToken) : null;
        var migrations = await MigrationSources.LoadAsync(settings, server, cancellationToken);
        await using (var connection = await PostgresServer.ConnectAsync(server, Application, cancellationToken))
            await SchemaNeeds.Of([.. migrations.Scripts.Where(script => script.Runs != RunKind.Undo), .. declared.Files, .. present?.Files ?? []]).RequireAsync(connection, request.IsOwnServer, cancellationToken);

        var scratch = await ScratchPair.CreateAsync(server, "migrated", "declared", clock, cancellationToken);
        try
        {
            progress?.Report(present is null ? "applying the migrations to a scratch database" : $"loading the schema of {present.Origin} into a scratch database");
            var others = present is null ? await MigrateAsync(scratch.First.Url, request.Heads, cancellationToken) : migrations.Scripts.Where(script => script.Runs != RunKind.Undo && script.Folder != ScriptFolder.Up).Select(script => script.Display).ToList();
            if (present is not null) await LoadAsync(scratch.First.Url, present, [], cancellationToken);
            progress?.Report($"loading {declared.Origin} into another");
            await LoadAsync(scratch.Second.Url, declared, others, cancellationToken);
            foreach (var filled in new[] { scratch.First, scratch.Second }) await ExecuteAsync(filled.Url, [Statistics.OfCatalogue], cancellationToken);
            return scratch;
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    /// <summary>One after the other, so that each may name what the one before renamed.</summary>
    private static async Task<IReadOnlyList<SchemaRename>> RenameAsync(DatabaseUrl database, DeclaredSchema declared, CompareRequest request, CancellationToken cancellationToken)
    {
        var renames = new List<SchemaRename>();
        foreach (var one in request.Renames) await AddAsync(model => SchemaRename.Of(model, one));
        foreach (var directive in declared.Renames) await AddAsync(directive.In);

        return renames;

        async Task AddAsync(Func<SchemaModel, SchemaRename?> of)
        {
            if (of(await SchemaState.ReadModelAsync(database, request.Scope, cancellationToken)) is not { } rename) return;

            renames.Add(rename);
            await ExecuteAsync(database, [rename.Up], cancellationToken);
        }
    }

    private static async Task ExecuteAsync(DatabaseUrl database, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken);
        foreach (var statement in statements) await connection.ExecuteAsync(statement, cancellationToken);
    }

    /// <returns>The scripts of the other folders that ran: they belong to the declared schema as well.</returns>
    private async Task<IReadOnlyList<string>> MigrateAsync(DatabaseUrl database, IReadOnlyList<string> heads, CancellationToken cancellationToken)
    {
        var others = new List<string>();
        foreach (var head in heads)
        {
            var result = await new MigrationRunner(settings, clock).UpAsync(database, new UpRequest { Target = head, AllowDataLoss = true }, null, cancellationToken);
            others.AddRange(result.Scripts.Where(script => script.Revision is null).Select(script => script.Script));
        }

        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken);
        await DropJournalAsync(connection, cancellationToken);
        return others;
    }

    private async Task LoadAsync(DatabaseUrl database, DeclaredSchema declared, IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        var files = (await MigrationSources.LoadAsync(settings, database, cancellationToken)).Scripts.Where(script => others.Contains(script.Display) && script.Folder != ScriptFolder.AlterDatabase).ToList();
        var order = ScriptFolder.InOrder.ToList();
        await using var connection = await PostgresServer.ConnectAsync(database, Application, cancellationToken, forScripts: true);
        foreach (var script in files.Where(IsBefore)) await ScratchScript.RunAsync(database, script, cancellationToken);
        await declared.LoadAsync(connection, cancellationToken);
        await DropJournalAsync(connection, cancellationToken);
        foreach (var script in files.Where(script => !IsBefore(script))) await ScratchScript.RunAsync(database, script, cancellationToken);

        bool IsBefore(MigrationScript script) => order.IndexOf(script.Folder) < order.IndexOf(ScriptFolder.Up);
    }

    /// <summary>Our bookkeeping is about a database, not part of its schema.</summary>
    private async Task DropJournalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = await JournalTables.FindAsync(connection, settings.JournalSchema, cancellationToken);
        foreach (var table in tables.Found.Values) await connection.ExecuteAsync($"DROP TABLE {Sql.Name(tables.Schema)}.{Sql.Name(table.Name)} CASCADE", cancellationToken);
        if (tables.Found.Count > 0 && tables.Schema != "public") await connection.ExecuteAsync($"DROP SCHEMA {Sql.Name(tables.Schema)}", cancellationToken);
        await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {OwnSchema.Name} CASCADE", cancellationToken);
    }

}
