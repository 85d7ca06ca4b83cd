using System.Collections.Frozen;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;

namespace DeepSight.Core.Restore;

/// <summary>
/// The modes swap and into: everything is done in a new database, which gets its name last. Whatever fails before drops it, and the
/// target was never touched.
/// </summary>
internal sealed class NewDatabaseRestore(RestoreSettings settings, DumpLoader loader, TimeProvider clock)
{
    public async Task<Restored> RunAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        await using var scratch = await ScratchDatabase.CreateAsync(context.TargetUrl, context.Plan.ResultName, context.TargetUrl.Database,
            // A swap replaces the content of a database that keeps its own.
            context.Plan.Mode == RestoreMode.Into ? context.Source.Manifest?.Locale : null, clock, cancellationToken);
        if (context.Plan.Mode == RestoreMode.Swap) await scratch.TryOnAsync(context.TargetUrl.Database, cancellationToken);

        var notes = new List<string>(scratch.Notes);
        var role = await MakeRoleAsync(context, scratch, notes, cancellationToken);
        // Code of the dump runs while it is loaded, in ANALYZE and in a dump of it, and after that no more.
        var url = role?.Url ?? scratch.Url;
        var load = await loader.LoadAsync(context.Source, url, OptionsFor(context, role), context.Progress, cancellationToken);
        notes.AddRange(LoadNotes.Of(load.LeftOut));
        if (role is not null)
        {
            // A dump may hold tables like our records', with code of its own.
            await FinishContentAsync(context, url, Sql.Text(context.TargetUrl.User), cancellationToken);
            context.Report(RestorePhase.Analyzing);
            notes.AddRange(await AnalyzeAsync(url, cancellationToken));
            await ContentCheck.RunAsync(context, load.Summary, url, notes, cancellationToken);
            await role.HandOverAsync(cancellationToken);
        }

        context.Report(RestorePhase.Granting);
        notes.AddRange(await GrantAsync(context, scratch.Url, cancellationToken));
        if (role is null)
        {
            await FinishContentAsync(context, scratch.Url, "current_user", cancellationToken);
            context.Report(RestorePhase.Analyzing);
            notes.AddRange(await AnalyzeAsync(scratch.Url, cancellationToken));
            await ContentCheck.RunAsync(context, load.Summary, scratch.Url, notes, cancellationToken);
        }

        context.Report(RestorePhase.Publishing);
        var unavailable = await PublishAsync(context, scratch, cancellationToken);
        scratch.Publish();
        if (context.Plan.PreviousName is { } previous)
            notes.AddRange(await ReplicationCleanup.RunAsync(context.TargetUrl.WithDatabase(previous), context.Request.DropReplication, cancellationToken));
        return new Restored(load.Summary, load.Sha256, context.Plan.Mode == RestoreMode.Swap ? unavailable : null, notes);
    }

    private static async Task<LoadRole?> MakeRoleAsync(RestoreContext context, ScratchDatabase scratch, List<string> notes, CancellationToken cancellationToken)
    {
        if (!context.Rights.ByOwnRole) return null;
        var (role, whyNot) = await LoadRole.TryMakeAsync(scratch, cancellationToken);
        if (whyNot is not null) notes.Add(LoadNotes.OwnRights(context.TargetUrl, whyNot));
        return role;
    }

    private LoadOptions OptionsFor(RestoreContext context, LoadRole? role) => new()
    {
        Sessions = context.Request.Sessions ?? settings.Sessions,
        TrustStatements = context.Request.TrustStatements,
        KeptExtensions = role is null ? FrozenSet<string>.Empty : LoadOptions.ThereAlready,
    };

    private async Task<IReadOnlyList<string>> GrantAsync(RestoreContext context, DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenPatientlyAsync(database, clock, cancellationToken);
        await connection.ExecuteAsync(SessionSettings + EventTriggers.Off, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var plan = await AccessReplay.PrepareAsync(context, connection, cancellationToken);
        await connection.ExecuteAsync(plan.ToSql(), cancellationToken);
        var refused = await connection.ListAsync(AccessReplay.RefusedQuery(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return AccessReplay.Notes(plan, refused);
    }

    /// <summary>The hold on automatic migration and the marker: part of what is published.</summary>
    private async Task FinishContentAsync(RestoreContext context, DatabaseUrl database, string by, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenPatientlyAsync(database, clock, cancellationToken);
        await connection.ExecuteAsync(SessionSettings + EventTriggers.Off, cancellationToken);
        await connection.ExecuteAsync(RestoreMarker.Script(context.RunId, context.Source.Name, context.Plan.Mode, by), cancellationToken);
    }

    private async Task<IReadOnlyList<string>> AnalyzeAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenPatientlyAsync(database, clock, cancellationToken);
        await connection.ExecuteAsync(SessionSettings, cancellationToken);
        return await Statistics.GatherAsync(connection, database, SessionSettings, cancellationToken);
    }

    private async Task<TimeSpan> PublishAsync(RestoreContext context, ScratchDatabase scratch, CancellationToken cancellationToken)
    {
        var swap = new DatabaseSwap();
        var name = context.Plan.ResultName;
        DatabaseAttributes? attributes = null;
        if (context.Plan.PreviousName is { } previous)
        {
            // Read now: what was set or revoked during the load holds as well.
            attributes = await DatabaseAttributes.ReadAsync(scratch.Maintenance, name, cancellationToken);
            var marker = new DatabaseMarker
            {
                Deepsight = DatabaseMarker.Previous,
                Database = name,
                At = await PreviousDatabases.NextAsync(scratch.Maintenance, name, clock, cancellationToken),
                Backup = context.Source.Name,
                RequestId = context.RunId,
                Comment = attributes.Comment,
            };
            swap.Rename(name, previous).Comment(previous, marker.ToComment());
        }

        // Who may connect to a database may be part of who may read what is in it.
        var grants = context.CopiesDatabaseGrants ? (await DatabaseAttributes.ReadAsync(scratch.Maintenance, context.TargetUrl.Database, cancellationToken)).GrantsFor(name) : [];
        swap.Rename(scratch.Name, name).Then(attributes?.For(name) ?? grants).Comment(name, attributes?.Comment);
        return await swap.PublishAsync(context.TargetUrl, context.EnsureLockedAsync, clock, cancellationToken);
    }

    /// <summary>Nothing of it is durable before the publication, which waits for the disk.</summary>
    private const string SessionSettings = "SET synchronous_commit = off;\n";
}
