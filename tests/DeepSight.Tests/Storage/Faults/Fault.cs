using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Tests.Storage.Faults;

/// <summary>One fault between the SDK and the gateway.</summary>
/// <param name="Call">Which requests it hits.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="After">False: the gateway never sees the request. True: it carries it out, and only the answer is lost.</param>
/// <param name="Times">How many requests it hits before things work again.</param>
public sealed record Fault(StoreCall Call, FaultKind Kind, bool After, int Times)
{
    /// <summary>For stores that meet faults: nothing is waited for that a busy machine doesn't need.</summary>
    internal static readonly StorePatience Hasty = new()
    {
        Stall = TimeSpan.FromSeconds(3), // less, and a request on a busy machine is given up that no fault touched
        Complete = TimeSpan.FromSeconds(3),
        FirstDelay = TimeSpan.FromMilliseconds(2),
        LongestDelay = TimeSpan.FromMilliseconds(10),
        BriefRetries = 1,
        PatientRetries = 2,
        Settle = TimeSpan.FromMilliseconds(50),
    };

    /// <summary>Every fault of these requests with the full matrix, else some of them, others each day.</summary>
    public static IEnumerable<Fault> Sample(IEnumerable<StoreCall> calls, int size)
    {
        var all = (
            from call in calls
            from kind in Enum.GetValues<FaultKind>()
            from after in (bool[])[false, true]
            from times in (int[])[1, int.MaxValue]
            select new Fault(call, kind, after, times)).ToArray();
        if (Matrix.IsFull) return all;

        var seed = TimeProvider.System.GetUtcNow().DayOfYear;
        TestContext.Current.SendDiagnosticMessage($"faults: a sample of {size} of {all.Length}, seed {seed}");
        new Random(seed).Shuffle(all);
        return all.Take(size);
    }

    public override string ToString() => $"{Kind} {(After ? "after" : "before")} {Call}, {(Times == int.MaxValue ? "always" : $"{Times} times")}";
}
