using DeepSight.Core;
using DeepSight.Core.Migrations;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Npgsql;

namespace DeepSight.Functions;

/// <summary>Where the schema stands, as <c>deepsight migrate current --json</c> says it.</summary>
public sealed class Migrations(DeepSightSettings settings)
{
    [Function("Migrations")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "migrations")] HttpRequest request, CancellationToken cancellationToken) =>
        Problems.CatchAsync(async () =>
        {
            settings.ThrowIfInvalid();
            if (!Directory.Exists(settings.Migrations.Directory) && settings.Migrations.Directory == new MigrationSettings().Directory)
                throw new DeepSightException(FailureKind.NothingToDo, "This app was deployed without migrations.", "MIGRATIONS_DIR names the folder of a history.");

            try
            {
                var state = await MigrationStateReader.ReadAsync(settings.Database.ForHealth(), settings.Migrations, cancellationToken);
                return Results.Json(MigrationStateReport.Of(state), Json.Compact);
            }
            catch (NpgsqlException e)
            {
                throw new DeepSightException(FailureKind.Failed, "The database could not be asked about its migrations.", "GET health/db says whether it answers.", e);
            }
        });
}
