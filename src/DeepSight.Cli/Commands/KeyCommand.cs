using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Dumps.Signing;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight key</c>: makes the keys that settings take, and shows the public part of one.</summary>
internal static class KeyCommand
{
    private static readonly Option<bool> Signing = new("--signing") { Description = "A key that signs backups (Ed25519)." };

    public static Command Define() => new("key", "Make a key, or show the public part of the one that is set.")
    {
        CommandContext.Command("new", "Make a new key; it is printed and kept nowhere.", New, Signing),
        CommandContext.Command("public", "Show the public key of BACKUP_SIGNING_KEY.", Public),
    };

    private static Task<int> New(CommandContext context, CancellationToken cancellationToken)
    {
        if (!context.Parsed.GetValue(Signing))
            throw new DeepSightException(FailureKind.InvalidInput, "Which key?", "`deepsight key new --signing` makes one that signs backups.");

        var key = SigningKey.New();
        context.Terminal.Object(new KeyJson(key.Public.Id, key.Public.ToString(), key.Secret));
        context.Terminal.Note($"  Key {key.Public.Id}. The first line is secret: keep it where backups are made, and nowhere else.");
        context.Terminal.Line($"BACKUP_SIGNING_KEY={key.Secret}");
        context.Terminal.Line($"RESTORE_TRUSTED_KEYS={key.Public}");
        return Task.FromResult(ExitCodes.Done);
    }

    private static Task<int> Public(CommandContext context, CancellationToken cancellationToken)
    {
        var key = context.Settings.Backup.SigningKey is { } secret ? SigningKey.TryParse(secret) : null;
        if (key is null) throw new DeepSightException(FailureKind.InvalidInput, "BACKUP_SIGNING_KEY is not set.", "`deepsight key new --signing` makes one.");
        context.Terminal.Object(new KeyJson(key.Public.Id, key.Public.ToString(), null));
        context.Terminal.Line(key.Public.ToString());
        return Task.FromResult(ExitCodes.Done);
    }
}

/// <summary>A key; the secret only where it was made.</summary>
internal sealed record KeyJson(string Id, string Public, string? Secret);
