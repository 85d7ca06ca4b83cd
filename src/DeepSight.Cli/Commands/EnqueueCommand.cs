using System.CommandLine;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight enqueue restore</c>: puts a restore request on the queue, by itself or through the app's HTTP function.</summary>
internal static class EnqueueCommand
{
    private static readonly Argument<string?> Backup = new("backup") { Description = "The backup's name, as `deepsight list` shows it.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> Latest = new("--latest") { Description = "The newest good backup." };
    private static readonly Option<string?> Mode = new Option<string?>("--mode") { Description = "By default swap, where the server allows it." }
        .AcceptOnlyFromAmong("swap", "in-place", "into");
    private static readonly Option<string?> Into = new("--into") { Description = "With --mode into: the new database's name.", HelpName = "database" };
    private static readonly Option<bool> Clean = new("--clean") { Description = "In place: drop the target's objects first, in the same transaction." };
    private static readonly Option<bool> Confirm = new("--confirm") { Description = "The target may be production." };
    private static readonly Option<bool> ConfirmSpace = new("--confirm-space") { Description = "The space that is needed meanwhile is there." };
    private static readonly Option<bool> Force = new("--force", "--skip-backup") { Description = "No backup of the target beforehand." };
    private static readonly Option<bool> CreateMissingRoles = new("--create-missing-roles") { Description = "Create roles that the backup names and the server lacks." };
    private static readonly Option<bool> DropReplication = new("--drop-replication") { Description = "Drop what ties replication to the target's name." };
    private static readonly Option<TimeSpan?> ExpiresIn = new("--expires-in") { Description = "How long the request holds: 30m, 1h (the default), 2d.", HelpName = "time", CustomParser = Durations.Parse };
    private static readonly Option<string?> RequestId = new("--request-id") { Description = "The same one twice is one restore; by default a new one.", HelpName = "id" };
    private static readonly Option<string?> Url = new("--url") { Description = "Send it to this app by HTTP: https://NAME.azurewebsites.net.", HelpName = "address" };
    private static readonly Option<string?> Key = new("--key") { Description = "The app's function key; better kept in DEEPSIGHT_FUNCTION_KEY.", HelpName = "key" };

    public static Command Define() => new("enqueue", "Put a request on the queue of the functions app.")
    {
        CommandContext.Command("restore", "Ask the functions app to restore a backup.", RunAsync,
            Backup, Latest, Mode, Into, Clean, Confirm, ConfirmSpace, Force, CreateMissingRoles, DropReplication, ExpiresIn, RequestId, Url, Key),
    };

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) =>
        context.Parsed.GetValue(Url) is { } url ? ByHttpAsync(context, url, cancellationToken) : ByQueueAsync(context, cancellationToken);

    private static async Task<int> ByQueueAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var message = await context.Get<RestoreRequests>().ComposeAsync(Order(context), cancellationToken);
        var queue = context.Queues.Open(RestoreMessage.Queue);
        await queue.SendAsync(message.ToJson(), MessageText.DefaultTimeToLive, cancellationToken);

        var waiting = await queue.CountAsync(cancellationToken);
        var poison = await context.Queues.Open(PoisonQueue.NameFor(queue.Name)).CountAsync(cancellationToken);
        context.Terminal.Object(new EnqueuedJson(message, queue.Name, context.Queues.Location, waiting, poison));
        context.Terminal.Success($"request {message.RequestId}: {message.Backup} into {message.Target}, until {message.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        context.Terminal.Line($"  {queue.Name} in {context.Queues.Location}: {waiting} waiting, {poison} in {PoisonQueue.NameFor(queue.Name)}");
        context.Terminal.Line($"  what becomes of it: deepsight runs {message.RequestId}");
        return ExitCodes.Done;
    }

    private static async Task<int> ByHttpAsync(CommandContext context, string url, CancellationToken cancellationToken)
    {
        var key = context.Parsed.GetValue(Key) ?? context.Setting("DEEPSIGHT_FUNCTION_KEY");
        using var app = new RemoteApp(url, key);
        var (message, location) = await app.RequestRestoreAsync(Order(context), cancellationToken);

        context.Terminal.Object(new AcceptedJson(message, location));
        context.Terminal.Success($"request {message.GetProperty("request_id").GetString()}: {message.GetProperty("backup").GetString()} into {message.GetProperty("target").GetString()}");
        context.Terminal.Line($"  what becomes of it: GET {location}");
        return ExitCodes.Done;
    }

    private static RestoreOrder Order(CommandContext context)
    {
        var parsed = context.Parsed;
        var expiresIn = parsed.GetValue(ExpiresIn);
        return new RestoreOrder
        {
            Backup = (parsed.GetValue(Backup), parsed.GetValue(Latest)) switch
            {
                ({ } name, false) => name,
                (null, true) => RestoreOrder.Latest,
                _ => throw new DeepSightException(FailureKind.InvalidInput, "Name one backup, or say --latest.", "`deepsight list` shows the backups."),
            },
            RequestId = parsed.GetValue(RequestId),
            RequestedBy = $"{Environment.UserName}@{Environment.MachineName}",
            ExpiresAt = expiresIn is { } lifetime ? TimeProvider.System.GetUtcNow() + lifetime : null,
            Mode = parsed.GetValue(Mode) switch
            {
                "swap" => RestoreMode.Swap,
                "in-place" => RestoreMode.InPlace,
                "into" => RestoreMode.Into,
                _ => null,
            },
            Into = parsed.GetValue(Into),
            Clean = parsed.GetValue(Clean),
            Confirm = parsed.GetValue(Confirm),
            ConfirmSpace = parsed.GetValue(ConfirmSpace),
            Force = parsed.GetValue(Force),
            CreateMissingRoles = parsed.GetValue(CreateMissingRoles),
            DropReplication = parsed.GetValue(DropReplication),
        };
    }
}

/// <summary><c>enqueue --url</c>: the message as the app put it on the queue, and where its run will be seen.</summary>
internal sealed record AcceptedJson(JsonElement Message, Uri? Location);

/// <summary><c>enqueue</c>.</summary>
internal sealed record EnqueuedJson(RestoreMessage Message, string Queue, string Location, int Waiting, int Poison);
