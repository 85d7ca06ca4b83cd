using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Age;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight key</c>: makes the keys that settings take, and shows what those that are set can do.</summary>
internal static class KeyCommand
{
    private static readonly Option<bool> ForSigning = new("--signing") { Description = "A key that signs backups (Ed25519) in place of one that seals them." };

    private static readonly Argument<string?> Backup = new("name") { Description = "A sealed backup to try the identities on.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Define() => new("key", "Make a key that seals or signs backups; show and check those that are set.")
    {
        CommandContext.Command("new", "Make a new key of age, which seals backups; it is printed and kept nowhere.", New, ForSigning),
        CommandContext.Command("show", "Show the public keys of all that are set.", Show),
        CommandContext.Command("check", "Check whether the identities set here open what is sealed here, or a backup.", CheckAsync, Backup),
        CommandContext.Command("public", "Show the public key of BACKUP_SIGNING_KEY.", Public),
    };

    private static Task<int> New(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(ForSigning)) return NewForSigning(context);

        var identity = X25519Identity.New();
        context.Terminal.Object(KeyJson.Of(identity.Recipient) with { Secret = identity.Secret });
        context.Terminal.Note($"  Key {identity.Recipient.Fingerprint}. The first line is secret: without it nobody opens the backups. Keep it where they are restored, and offline as well.");
        context.Terminal.Line($"RESTORE_AGE_IDENTITY={identity.Secret}");
        context.Terminal.Line($"BACKUP_AGE_RECIPIENTS={identity.Recipient}");
        return Task.FromResult(ExitCodes.Done);
    }

    private static Task<int> NewForSigning(CommandContext context)
    {
        var key = SigningKey.New();
        context.Terminal.Object(new KeyJson(key.Public.Id, key.Public.ToString(), key.Secret));
        context.Terminal.Note($"  Key {key.Public.Id}. The first line is secret: keep it where backups are made, and nowhere else.");
        context.Terminal.Line($"BACKUP_SIGNING_KEY={key.Secret}");
        context.Terminal.Line($"RESTORE_TRUSTED_KEYS={key.Public}");
        return Task.FromResult(ExitCodes.Done);
    }

    private static Task<int> Show(CommandContext context, CancellationToken cancellationToken)
    {
        var settings = context.Settings.Backup;
        var recipients = settings.Recipients.OfType<X25519Recipient>().Select(KeyJson.Of).ToList();
        var identities = settings.Identities.OfType<X25519Identity>().Select(identity => KeyJson.Of(identity.Recipient)).ToList();
        var signing = SigningKeyOf(settings) is { } key ? new KeyJson(key.Public.Id, key.Public.ToString(), null) : null;
        context.Terminal.Object(new KeysJson(recipients, identities, signing));
        foreach (var recipient in recipients) context.Terminal.Line($"sealed for  {recipient.Id}  {recipient.Public}");
        foreach (var identity in identities) context.Terminal.Line($"opened by   {identity.Id}  {identity.Public}");
        if (signing is not null) context.Terminal.Line($"signed by   {signing.Id}  {signing.Public}");
        if (recipients.Count + identities.Count == 0 && signing is null) context.Terminal.Line("No key is set: `deepsight key new` makes one.");
        if (settings.RecipientsWarning is { } risk) context.Terminal.Warning(risk + ".");
        return Task.FromResult(ExitCodes.Done);
    }

    private static async Task<int> CheckAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var settings = context.Settings.Backup;
        if (context.Parsed.GetValue(Backup) is { } name)
        {
            await context.Get<RestoreSources>().RequireIdentityAsync(name, cancellationToken);
            context.Terminal.Object(new KeyCheckJson([], [], name));
            context.Terminal.Success($"an identity set here opens {name}");
            return ExitCodes.Done;
        }

        var own = settings.Identities.OfType<X25519Identity>().Select(identity => identity.Recipient.Fingerprint).ToHashSet();
        var fingerprints = settings.Recipients.Select(recipient => recipient.Fingerprint).ToList();
        var (opened, others) = (fingerprints.Where(own.Contains).ToList(), fingerprints.Where(recipient => !own.Contains(recipient)).ToList());
        context.Terminal.Object(new KeyCheckJson(opened, others, null));
        if (fingerprints.Count == 0) context.Terminal.Attention("backups made here are not sealed: BACKUP_AGE_RECIPIENTS is not set");
        foreach (var recipient in opened) context.Terminal.Success($"{recipient}   opened by an identity set here");
        foreach (var recipient in others) context.Terminal.Line($"  {recipient}   opened elsewhere: its identity is not set here");
        if (settings.RecipientsWarning is { } risk) context.Terminal.Warning(risk + ".");
        if (own.Count > 0 && others.Count > 0 && opened.Count == 0)
            throw new DeepSightException(FailureKind.Failed, "None of the identities set here opens what is sealed here.", "`deepsight key show` prints both sides.");
        return ExitCodes.Done;
    }

    private static Task<int> Public(CommandContext context, CancellationToken cancellationToken)
    {
        var key = SigningKeyOf(context.Settings.Backup)
            ?? throw new DeepSightException(FailureKind.InvalidInput, "BACKUP_SIGNING_KEY is not set.", "`deepsight key new --signing` makes one.");
        context.Terminal.Object(new KeyJson(key.Public.Id, key.Public.ToString(), null));
        context.Terminal.Line(key.Public.ToString());
        return Task.FromResult(ExitCodes.Done);
    }

    private static SigningKey? SigningKeyOf(BackupSettings settings) => settings.SigningKey is { } secret ? SigningKey.TryParse(secret) : null;
}

/// <summary>A key; the secret only where it was made.</summary>
internal sealed record KeyJson(string Id, string Public, string? Secret)
{
    public static KeyJson Of(X25519Recipient recipient) => new(recipient.Fingerprint, recipient.ToString(), null);
}

/// <summary><c>key show</c>.</summary>
internal sealed record KeysJson(IReadOnlyList<KeyJson> Recipients, IReadOnlyList<KeyJson> Identities, KeyJson? Signing);

/// <summary><c>key check</c>.</summary>
/// <param name="Opened">Recipients whose identity is set here.</param>
/// <param name="Backup">The backup that an identity opens; null where none was named.</param>
internal sealed record KeyCheckJson(IReadOnlyList<string> Opened, IReadOnlyList<string> Others, string? Backup);
