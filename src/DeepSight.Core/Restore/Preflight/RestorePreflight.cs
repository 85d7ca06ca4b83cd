using DeepSight.Core.Access;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.Loading;
using Npgsql;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>Everything that can be known before anything is touched: what would fail later is refused here.</summary>
internal sealed class RestorePreflight(RestoreSettings settings, PostgresClients clients)
{
    /// <param name="jobLock">Null in a dry run.</param>
    /// <param name="shown">Of a preflight before, whose first pass over the file holds still; null for the first.</param>
    /// <exception cref="DeepSightException">The restore can't work, or needs a confirmation; nothing was touched.</exception>
    public async Task<RestoreContext> RunAsync(RestoreRequest request, string runId, DumpSource source, JobLock? jobLock, RestoreContext? shown,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken) =>
        request.EffectiveMode == RestoreMode.Into
            ? await BesideAsync(request, runId, source, jobLock, shown?.Checked, progress, cancellationToken)
            : await OverAsync(request, runId, source, jobLock, shown?.Checked, progress, cancellationToken);

    /// <summary>Swap and in-place: the target is there.</summary>
    private async Task<RestoreContext> OverAsync(RestoreRequest request, string runId, DumpSource source, JobLock? jobLock, LoadResult? known,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        var mode = request.EffectiveMode;
        await using var connection = await ConnectAsync(request.Target, cancellationToken);
        // First: what a killed restore still holds would hold up what is asked of the target below.
        if (jobLock is not null) await AbandonedLoads.EndAsync(connection, cancellationToken);
        var target = await TargetFacts.ReadAsync(connection, cancellationToken);
        RequireWritable(target.Server, request.Target);
        if (mode == RestoreMode.Swap) SwapRules.Check(request, target, jobLock);
        else await InPlaceRules.CheckAsync(request, source, target, connection, settings.Schemas, cancellationToken);

        var client = await clients.ForDumpAsync(target.Server.Version, cancellationToken);
        // Read whole before the target is opened: within one transaction a corrupt file would be found at its end.
        var @checked = mode == RestoreMode.InPlace || source.Manifest is null
            ? known ?? await DumpLoader.CheckAsync(source, mode == RestoreMode.InPlace, request.TrustStatements, progress, cancellationToken)
            : null;
        if (@checked is not null && mode == RestoreMode.InPlace) await InPlaceRules.CheckScopeAsync(request, @checked.Summary, connection, settings.Schemas, cancellationToken);
        var lost = mode == RestoreMode.InPlace && !request.Clean ? [] : await LostTables.FindAsync(connection, mode == RestoreMode.InPlace ? settings.Schemas : [],
            HeldTables(source, @checked?.Summary), cancellationToken);
        LostTables.Check(request, source, lost);
        var (access, problem) = await ReadTargetAccessAsync(connection, request, client, cancellationToken);
        var context = new RestoreContext
        {
            Request = request,
            RunId = runId,
            Lock = jobLock,
            Plan = PlanOf(request, runId, source, target.Server, @checked) with
            {
                Server = target.Server,
                Connections = target.Connections,
                ResultName = request.Target.Database,
                PreviousName = mode == RestoreMode.Swap ? DatabaseNames.Previous(request.Target.Database, DatabaseNames.IdOf(runId)) : null,
                BacksUpFirst = !request.Force,
                LostTables = lost,
            },
            TargetLocale = await DatabaseShape.LocaleAsync(connection, cancellationToken),
            Target = target,
            Client = client,
            TargetAccess = access,
            TargetAccessProblem = problem,
            BackupAccess = await ReadAccessAsync(source, cancellationToken),
            Checked = @checked,
            Rights = mode == RestoreMode.InPlace
                ? await LoadRights.InPlaceAsync(connection, @checked!.Summary, request.TrustStatements, cancellationToken)
                : await LoadRights.DecideAsync(connection, source, request.TrustStatements, progress, cancellationToken),
            Progress = progress,
        };
        return await RequireAsync(context, connection, cancellationToken);
    }

    /// <summary>Into a new name: the target is only a model, and may be missing.</summary>
    private async Task<RestoreContext> BesideAsync(RestoreRequest request, string runId, DumpSource source, JobLock? jobLock, LoadResult? known,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        var name = DatabaseNames.Checked(request.Into);
        await using var connection = await RestoreConnection.OpenAsync(request.Target.WithDatabase(JobLock.MaintenanceDatabase), cancellationToken);
        var server = await PostgresServer.DescribeAsync(connection, cancellationToken);
        RequireWritable(server, request.Target);
        if (await ExistsAsync(connection, name, cancellationToken))
            throw new DeepSightException(FailureKind.Refused, $"There is a database '{name}' on {request.Target.Server} already; --into makes a new one.",
                "give another name, or drop that one first; to restore over the configured database, leave --into out.");

        await RequireCreateDatabaseAsync(connection, cancellationToken);
        var exists = await ExistsAsync(connection, request.Target.Database, cancellationToken);
        var client = await clients.ForDumpAsync(server.Version, cancellationToken);
        var @checked = source.Manifest is null ? known ?? await DumpLoader.CheckAsync(source, false, request.TrustStatements, progress, cancellationToken) : null;
        var (access, problem) = !exists ? (AccessList.Of([]), null) : await ReadTargetAccessAsync(null, request, client, cancellationToken);
        var context = new RestoreContext
        {
            Request = request,
            RunId = runId,
            Lock = jobLock,
            Plan = PlanOf(request, runId, source, server, @checked) with { ResultName = name },
            Target = null,
            CopiesDatabaseGrants = exists,
            Checked = @checked,
            Client = client,
            TargetAccess = access,
            TargetAccessProblem = problem,
            BackupAccess = await ReadAccessAsync(source, cancellationToken),
            Rights = await LoadRights.DecideAsync(connection, source, request.TrustStatements, progress, cancellationToken),
            Progress = progress,
        };
        return await RequireAsync(context, connection, cancellationToken);
    }

    private RestorePlan PlanOf(RestoreRequest request, string runId, DumpSource source, ServerInfo server, LoadResult? @checked) => new()
    {
        Source = source,
        Target = request.Target,
        Mode = request.EffectiveMode,
        ServerVersion = server.Version,
        Connections = 0,
        Production = ProductionHosts.Match(request.Target, settings.ProductionHosts),
        ResultName = "",
        BacksUpFirst = false,
        SpaceNeeded = SpaceRules.Needed(source, request.EffectiveMode == RestoreMode.Into ? 0 : server.DatabaseBytes, @checked?.Summary.SqlBytes),
    };

    /// <summary>Roles, extensions, space, versions: what every mode needs.</summary>
    private static async Task<RestoreContext> RequireAsync(RestoreContext context, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var plan = context.Plan;
        SpaceRules.Check(context.Request, plan);
        await RequireExtensionsAsync(context, connection, cancellationToken);
        await SuperuserRules.CheckAsync(context, connection, cancellationToken);
        var roles = (await connection.ListAsync("select rolname::text from pg_roles", cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var missing = NamedRoles(context).Where(role => !roles.Contains(role)).Order(StringComparer.Ordinal).ToList();
        RequireRoles(context, missing);
        return context with { Plan = plan with { MissingRoles = missing, Warnings = [.. PlanWarnings.Of(context, missing)] } };
    }

    /// <summary>Those with rows, and those that are created: a dump may have its rows as INSERT, or none.</summary>
    private static IEnumerable<string> HeldTables(DumpSource source, DumpSummary? dump) =>
        (dump?.Tables ?? source.Manifest!.Tables).Select(table => table.Name)
        .Concat((dump?.Created ?? []).Where(created => created.Kind == DumpRequirements.TableKind).Select(created => created.Name));

    /// <summary>A grant can be left out; a statement of the dump itself that names a role which isn't there ends the load.</summary>
    private static void RequireRoles(RestoreContext context, IReadOnlyList<string> missing)
    {
        var needed = (context.Checked?.Summary.Roles ?? context.Source.Manifest?.NeededRoles ?? []).Intersect(missing).ToList();
        if (needed.Count > 0 && !context.Request.CreateMissingRoles && !context.Request.TolerateErrors)
            throw new DeepSightException(FailureKind.Refused,
                $"The dump itself names roles that {context.TargetUrl.Server} does not have, so it would not load: {string.Join(", ", needed)}.",
                "--create-missing-roles makes them, without login; or make them first.");
    }

    private static IEnumerable<string> NamedRoles(RestoreContext context) =>
        (context.Source.Manifest?.Roles ?? [])
        .Concat(context.Checked?.Summary.Roles ?? [])
        .Concat(context.BackupAccess.Statements.SelectMany(statement => statement.Roles))
        .Distinct(StringComparer.Ordinal);

    private static async Task RequireExtensionsAsync(RestoreContext context, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var needed = context.Checked?.Summary.Extensions ?? context.Source.Manifest?.Extensions ?? [];
        var available = await connection.ListAsync("select name::text from pg_available_extensions", cancellationToken);
        var missing = needed.Except(available).ToList();
        if (missing.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"The backup needs extensions that {context.TargetUrl.Server} does not have: {string.Join(", ", missing)}.",
                "install them on the server, or restore to a server that has them.");
    }

    private static void RequireWritable(ServerInfo server, DatabaseUrl target)
    {
        if (server.IsInRecovery)
            throw new DeepSightException(FailureKind.Refused, $"'{target.Display}' is a standby: it can't be written to.", "restore to the primary.");
    }

    private static async Task RequireCreateDatabaseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var may = await connection.ListAsync("select rolname::text from pg_roles where rolname = current_user and (rolsuper or rolcreatedb)", cancellationToken);
        if (may.Count == 0)
            throw new DeepSightException(FailureKind.Refused, "The role may not create databases, which --into needs.",
                "ALTER ROLE … CREATEDB, or restore as another role; --mode in-place --clean restores into the target itself.");
    }

    private static async Task<NpgsqlConnection> ConnectAsync(DatabaseUrl target, CancellationToken cancellationToken)
    {
        try
        {
            return await RestoreConnection.OpenAsync(target, cancellationToken);
        }
        catch (DeepSightException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName })
        {
            throw new DeepSightException(e.Kind, e.Message, $"`--into {target.Database}` makes it anew from the backup; or check the name at the end of the URL.", e);
        }
    }

    /// <summary>A target that is damaged can't always be read, and is restored all the same where nobody wants a backup of it.</summary>
    /// <param name="connection">To the target; null makes one.</param>
    private static async Task<(AccessList Access, string? Problem)> ReadTargetAccessAsync(NpgsqlConnection? connection, RestoreRequest request,
        PostgresClient client, CancellationToken cancellationToken)
    {
        try
        {
            await using var own = connection is null ? await RestoreConnection.OpenAsync(request.Target, cancellationToken) : null;
            return (AccessList.Of(await AccessFile.ReadObjectsAsync(connection ?? own!, request.Target, client, cancellationToken)), null);
        }
        catch (DeepSightException e) when (request.Force || request.EffectiveMode == RestoreMode.Into)
        {
            return (AccessList.Of([]), e.Message);
        }
        catch (DeepSightException e)
        {
            throw new DeepSightException(e.Kind, $"'{request.Target.Display}' can't be read, so it can't be backed up first, and nothing was restored: {e.Message}",
                $"{e.Hint} --skip-backup restores all the same, with owners and grants from the backup alone.".TrimStart(), e);
        }
    }

    private static async Task<AccessList> ReadAccessAsync(DumpSource source, CancellationToken cancellationToken)
    {
        await using var content = await source.OpenAccessAsync(cancellationToken);
        return content is null ? AccessList.Of([]) : await AccessList.ReadAsync(content, source.Name, cancellationToken);
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) =>
        (await connection.ListAsync("select datname::text from pg_database where datname = @name", cancellationToken, ("name", database))).Count > 0;
}
