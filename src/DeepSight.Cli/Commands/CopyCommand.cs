using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Retention;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight copy NAME --to STORE</c> and <c>deepsight copy --missing</c>.</summary>
internal static class CopyCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "The backup's name, as `deepsight list` shows it.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<string?> To = new("--to") { Description = "The store that gets it: s3, azure or local.", HelpName = "store" };

    private static readonly Option<bool> Missing = new("--missing") { Description = "All backups that the store lacks; without --to, every store of BACKUP_STORES." };

    private static readonly Option<bool> Reseal = new("--reseal") { Description = "Seal anew for the recipients that are set now, in every store that holds it: the backup of that name, or all that are not. Then the old one goes." };

    public static Command Define() => CommandContext.Command("copy",
        "Bring a store up to date from another one, each backup checked against its hash on the way.", RunAsync, Name, To, Missing, Reseal);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var (name, to, missing) = (context.Parsed.GetValue(Name), context.Parsed.GetValue(To), context.Parsed.GetValue(Missing));
        if (context.Parsed.GetValue(Reseal))
        {
            if (missing || to is not null)
                throw new DeepSightException(FailureKind.InvalidInput, "--reseal excludes --to and --missing.", "it seals a backup where it is: `deepsight copy --reseal`, or with a NAME.");
            return await ResealAsync(context, name, cancellationToken);
        }

        if (missing == name is not null)
            throw new DeepSightException(FailureKind.InvalidInput, name is null ? "Which backup?" : "NAME and --missing exclude each other.", "say `deepsight copy NAME --to azure`, or `deepsight copy --missing`.");
        var stores = context.Get<BackupStores>();
        var targets = to is not null ? [stores.Named(to)] : missing ? stores.Wanted : [];
        if (targets.Count == 0)
            throw new DeepSightException(FailureKind.InvalidInput, "To which store?", missing ? "say --to s3, azure or local, or set BACKUP_STORES." : "say --to s3, azure or local.");

        using var progress = new DownloadProgressView(context.Terminal, "copying");
        var result = await context.Get<BackupCopy>().RunAsync(name, targets, progress, cancellationToken);
        progress.Dispose();
        context.Terminal.Object(CopyJson.Of(result));
        foreach (var copy in result.Copies) Print(context.Terminal, copy);
        if (result.Copies.Count == 0 && result.Failures.Count == 0) context.Terminal.Success($"nothing is missing in {string.Join(" and ", targets.Select(target => target.Location))}");
        foreach (var failed in result.Failures) context.Terminal.Problem(failed.Failure.Message, failed.Failure.Hint);
        return result.Failures is [var first, ..] ? (int)first.Failure.Kind : ExitCodes.Done;
    }

    private static async Task<int> ResealAsync(CommandContext context, string? name, CancellationToken cancellationToken)
    {
        using var progress = new DownloadProgressView(context.Terminal, "sealing");
        var result = await context.Get<BackupReseal>().RunAsync(name, progress, cancellationToken);
        progress.Dispose();
        context.Terminal.Object(ResealJson.Of(result));
        foreach (var done in result.Resealed)
        {
            context.Terminal.Success($"{done.Name}   in {string.Join(" and ", done.Locations)}; it was {done.Was}");
            foreach (var kept in done.Kept) context.Terminal.Attention($"{done.Was} is still there in {kept}");
        }

        if (result is { Resealed: [], Failures: [] }) context.Terminal.Success("every backup is sealed for the recipients that are set");
        foreach (var failed in result.Failures) context.Terminal.Problem(failed.Failure.Message, failed.Failure.Hint);
        return result.Failures is [var first, ..] ? (int)first.Failure.Kind : ExitCodes.Done;
    }

    private static void Print(Terminal terminal, CopiedBackup copy)
    {
        var result = copy.Result;
        terminal.Success(result.WasThere
            ? $"{result.Name} is in {copy.Target.Location} already, and it is what its manifest says"
            : $"{result.Name}   {Human.Size(result.StoredBytes)} from {result.Source} to {copy.Target.Location}");
        if (!result.IsVerified) terminal.Attention($"unverified: it has no manifest to be checked against; its SHA-256 is {result.Sha256}");
    }
}

/// <summary><c>copy</c>.</summary>
internal sealed record CopyJson(IReadOnlyList<CopyJson.Copy> Copies, IReadOnlyList<CopyJson.Failed> Failures)
{
    public static CopyJson Of(CopyResult result) => new(
        [.. result.Copies.Select(copy => new Copy(copy.Result.Name, copy.Target.Location, copy.Result.Source, copy.Result.StoredBytes, copy.Result.Sha256, copy.Result.IsVerified, copy.Result.WasThere))],
        [.. result.Failures.Select(failed => new Failed(failed.Name, failed.Target.Location, failed.Failure.Message, failed.Failure.Hint))]);

    internal sealed record Copy(string Name, string To, string Source, long StoredBytes, string Sha256, bool Verified, bool WasThere);

    internal sealed record Failed(string Name, string To, string Error, string? Hint);
}

/// <summary><c>copy --reseal</c>.</summary>
internal sealed record ResealJson(IReadOnlyList<ResealedBackup> Resealed, IReadOnlyList<ResealJson.NotResealed> Failures)
{
    public static ResealJson Of(ResealResult result) => new(result.Resealed, [.. result.Failures.Select(failed => new NotResealed(failed.Name, failed.Failure.Message, failed.Failure.Hint))]);

    internal sealed record NotResealed(string Name, string Error, string? Hint);
}
