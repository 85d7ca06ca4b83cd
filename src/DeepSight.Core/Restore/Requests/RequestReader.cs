using System.Text;
using System.Text.RegularExpressions;
using DeepSight.Core.Dumps;
using DeepSight.Core.Queues;

namespace DeepSight.Core.Restore.Requests;

/// <summary>From a request's text to what it asks for, strictly: what isn't understood whole isn't obeyed in part.</summary>
/// <param name="stem">First part of the names of our backups.</param>
internal sealed partial class RequestReader(string stem)
{
    /// <summary>PostgreSQL cuts longer names off without a word.</summary>
    private const int MaxNameBytes = 63;

    private const int MaxTextLength = 200;

    /// <param name="sentAt">When the message was put on the queue: its lifetime counts from there.</param>
    /// <exception cref="DeepSightException">What is wrong with it, all at once.</exception>
    public RestoreMessage Message(string text, DateTimeOffset sentAt)
    {
        var fields = Fields(text);
        foreach (var name in new[] { "schema_version", "request_id", "target", "requested_by" }) fields.Require(name);
        var order = Read(fields);
        if (order.Backup == RestoreOrder.Latest)
            fields.Problem("backup", "is 'latest', which may be another one by the time it is read: name one, or let `deepsight enqueue restore --latest` do it");
        fields.ThrowIfWrong();

        return new RestoreMessage(order)
        {
            RequestId = order.RequestId!,
            Target = order.Target!,
            Backup = order.Backup,
            RequestedBy = order.RequestedBy!,
            ExpiresAt = order.ExpiresAt ?? sentAt + RestoreMessage.DefaultLifetime,
        };
    }

    /// <exception cref="DeepSightException">What is wrong with it, all at once.</exception>
    public RestoreOrder Order(string text)
    {
        var fields = Fields(text);
        var order = Read(fields);
        fields.ThrowIfWrong();
        return order;
    }

    /// <summary>The id of a message that may otherwise be wrong, so that its refusal is recorded where its sender looks.</summary>
    public static string? FindId(string text)
    {
        try
        {
            return RequestFields.Parse(RequestText.Decode(text)).Text("request_id") is { } id && Id().IsMatch(id) ? id : null;
        }
        catch (DeepSightException)
        {
            return null;
        }
    }

    private static RequestFields Fields(string text) => Encoding.UTF8.GetByteCount(text) is var bytes && bytes > MessageText.MaxBytes
        ? throw new DeepSightException(FailureKind.InvalidInput, $"The restore request has {bytes:N0} bytes; a queue takes up to {MessageText.MaxBytes:N0}.")
        : RequestFields.Parse(RequestText.Decode(text));

    private RestoreOrder Read(RequestFields fields)
    {
        if (fields.Number("schema_version") is { } version and not RestoreMessage.CurrentSchemaVersion)
            fields.Problem("schema_version", $"is {version}; it must be {RestoreMessage.CurrentSchemaVersion}");
        fields.Require("backup");
        var order = new RestoreOrder
        {
            RequestId = fields.Text("request_id"),
            Target = fields.Text("target"),
            Backup = fields.Text("backup") ?? "",
            RequestedBy = fields.Text("requested_by"),
            ExpiresAt = fields.Time("expires_at"),
            Mode = fields.Choice<RestoreMode>("mode"),
            Into = fields.Text("into"),
            Clean = fields.Flag("clean"),
            Confirm = fields.Flag("confirm"),
            ConfirmSpace = fields.Flag("confirm_space"),
            Force = fields.Flag("force"),
            CreateMissingRoles = fields.Flag("create_missing_roles"),
            DropReplication = fields.Flag("drop_replication"),
        };
        Check(fields, order);
        return order;
    }

    private void Check(RequestFields fields, RestoreOrder order)
    {
        Check(fields, order.RequestId, order.RequestedBy, order.Backup);
        if (order.Into is { } into && (Encoding.UTF8.GetByteCount(into) > MaxNameBytes || into.Any(char.IsControl)))
            fields.Problem("into", $"must be a database's name of up to {MaxNameBytes} bytes");
    }

    /// <summary>What every kind of request has.</summary>
    internal void Check(RequestFields fields, string? requestId, string? requestedBy, string? backup)
    {
        // A name that isn't exactly a backup's never gets near a path or a bucket.
        if (backup is { Length: > 0 } and not RestoreOrder.Latest && BackupName.TryParse(backup, stem) is null)
            fields.Problem("backup", $"is {RequestText.Show(backup)}, which is not the name of a backup; one looks like {stem}_20260212_030000.sql.gz");
        if (requestId is { Length: > 0 } id && !Id().IsMatch(id))
            fields.Problem("request_id", "must be 1 to 64 letters, digits and hyphens");
        if (requestedBy is { } who && (who.Length > MaxTextLength || who.Any(char.IsControl)))
            fields.Problem("requested_by", $"must be a text of up to {MaxTextLength} characters");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]{0,63}\z")]
    private static partial Regex Id();
}
