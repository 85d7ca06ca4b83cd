using System.Security.Cryptography;
using DeepSight.Core.Catalog;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;

namespace DeepSight.Core.Requests;

/// <summary>Makes messages for <see cref="JobMessage.Queue"/> out of what is asked for over HTTP, and reads them.</summary>
public sealed class JobRequests(DatabaseSettings database, BackupSettings backup, BackupStores stores, TimeProvider clock)
{
    private readonly RequestReader reader = new(backup.Name);

    /// <summary>Reads the body of a request and says all that it leaves open.</summary>
    /// <param name="job">One of <see cref="JobNames"/>.</param>
    /// <param name="body">A JSON object, or nothing.</param>
    /// <exception cref="DeepSightException">What is wrong with it; there is no such backup; or drills are off.</exception>
    public async Task<JobMessage> ComposeAsync(string job, string body, CancellationToken cancellationToken)
    {
        if (job == JobNames.Verify && database.ForDrills() is null)
            throw new DeepSightException(FailureKind.InvalidInput, "There is no server to restore on: VERIFY_DATABASE_URL is not set.",
                "set it to a server where scratch databases may come and go.");

        var fields = RequestFields.Parse(string.IsNullOrWhiteSpace(body) ? "{}" : RequestText.Decode(body), "request");
        var message = Read(fields, job, clock.GetUtcNow());
        fields.ThrowIfWrong();
        return job != JobNames.Verify ? message : message with { Backup = (await BackupAsync(message.Backup, cancellationToken)).Name.ToString() };
    }

    /// <summary>Reads a message of the queue.</summary>
    /// <param name="sentAt">When it was put there.</param>
    /// <exception cref="DeepSightException">What is wrong with it, all at once; reading it again can't help.</exception>
    public JobMessage ReadMessage(string text, DateTimeOffset sentAt)
    {
        var fields = RequestFields.Parse(RequestText.Decode(text), "request");
        foreach (var name in new[] { "schema_version", "request_id", "requested_by" }) fields.Require(name);
        if (fields.Number("schema_version") is { } version and not JobMessage.CurrentSchemaVersion)
            fields.Problem("schema_version", $"is {version}; it must be {JobMessage.CurrentSchemaVersion}");
        fields.Require("job");
        var job = fields.Text("job") ?? "";
        if (job is not (JobNames.Backup or JobNames.Verify or JobNames.Undo)) fields.Problem("job", $"is {RequestText.Show(job)}; it must be backup, verify or undo");
        var message = Read(fields, job, sentAt);
        if (job == JobNames.Verify && message.Backup is null or RestoreOrder.Latest) fields.Problem("backup", "must be a backup's whole name");
        fields.ThrowIfWrong();
        return message;
    }

    private JobMessage Read(RequestFields fields, string job, DateTimeOffset sentAt)
    {
        // Fields of other jobs are none of this one's, but null where a message was written whole.
        var message = new JobMessage
        {
            Job = job,
            RequestId = fields.Text("request_id") ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
            RequestedBy = fields.Text("requested_by") ?? "http",
            ExpiresAt = fields.Time("expires_at") ?? sentAt + JobMessage.DefaultLifetime,
            Backup = fields.Text("backup"),
            Previous = fields.Text("previous"),
            Confirm = fields.Flag("confirm"),
        };
        reader.Check(fields, message.RequestId, message.RequestedBy, job == JobNames.Verify ? message.Backup : null);
        if (job != JobNames.Verify && message.Backup is not null) fields.Problem("backup", $"is no field of a request for {job}");
        if (job == JobNames.Undo) fields.Require("previous");
        else if (message.Previous is not null || message.Confirm) fields.Problem("previous, confirm", $"are no fields of a request for {job}");
        return message;
    }

    private Task<StoredBackup> BackupAsync(string? name, CancellationToken cancellationToken) =>
        name is null or RestoreOrder.Latest ? stores.GetLatestAsync(cancellationToken) : stores.GetAsync(name, cancellationToken);
}
