using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore;

/// <summary><c>--verify-content</c>: a dump of the restored database must come to the same table lines as the dump restored.</summary>
internal static class ContentCheck
{
    public static async Task RunAsync(RestoreContext context, DumpSummary expected, DatabaseUrl restored, List<string> notes, CancellationToken cancellationToken)
    {
        if (!context.Request.VerifyContent) return;

        context.Report(RestorePhase.Comparing);
        var comparison = DumpComparison.Of(expected, await SummarizeAsync(context, restored, cancellationToken));
        if (!comparison.AreEqual)
            throw new DeepSightException(FailureKind.Corrupt,
                $"What was restored differs from '{context.Source.Name}': {string.Join(" ", comparison.Differences.Take(5).Select(difference => difference.Message))}",
                "nothing was published, unless in place; restore another backup, or leave --verify-content out when the difference is known.");
        notes.AddRange(comparison.Notes);
    }

    private static async Task<DumpSummary> SummarizeAsync(RestoreContext context, DatabaseUrl restored, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(restored, "deepsight restore", cancellationToken);
        var options = new DumpOptions { ApplicationName = "deepsight restore", SharesOwnSchema = await OwnSchema.IsSharedAsync(connection, cancellationToken) };
        var inspector = new DumpInspector();
        await using var dump = PostgresTools.StartDump(restored, context.Client, options, cancellationToken);
        var buffer = new byte[1 << 20];
        while (await dump.Output.ReadAsync(buffer, cancellationToken) is > 0 and var read) inspector.Append(buffer.AsSpan(0, read));
        await dump.WaitForSuccessAsync();
        return inspector.Complete();
    }
}
