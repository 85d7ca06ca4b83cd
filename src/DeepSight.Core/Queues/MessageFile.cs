using System.Globalization;

namespace DeepSight.Core.Queues;

/// <summary>
/// A message's state as the name of its file:
/// <c>{sequence}_{id}_{inserted}_{expires}_{visible}_{dequeue count}_{receipt}.msg</c>, times in ticks, UTC.
/// The content, the message's text, never changes. The name is the pop receipt too: it changes whenever the state does.
/// </summary>
internal sealed record MessageFile(
    long Sequence, Guid Id, DateTimeOffset Inserted, DateTimeOffset Expires, DateTimeOffset Visible, int DequeueCount, Guid Receipt)
{
    /// <summary>Files being written, or about to be deleted: never messages.</summary>
    public const string UnfinishedSuffix = ".unfinished";

    private const string Suffix = ".msg";

    public string FileName => string.Create(CultureInfo.InvariantCulture,
        $"{Sequence:D19}_{Id:N}_{Inserted.UtcTicks}_{Expires.UtcTicks}_{Visible.UtcTicks}_{DequeueCount}_{Receipt:N}{Suffix}");

    /// <summary>The message of that file name, or null when it is none.</summary>
    public static MessageFile? TryParse(string fileName)
    {
        if (!fileName.EndsWith(Suffix, StringComparison.Ordinal)) return null;
        if (fileName[..^Suffix.Length].Split('_') is not [var sequence, var id, var inserted, var expires, var visible, var count, var receipt])
            return null;

        return long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var s)
               && Guid.TryParseExact(id, "N", out var i)
               && Time(inserted) is { } ins && Time(expires) is { } exp && Time(visible) is { } vis
               && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var c)
               && Guid.TryParseExact(receipt, "N", out var r)
            ? new MessageFile(s, i, ins, exp, vis, c, r)
            : null;
    }

    private static DateTimeOffset? Time(string ticks) =>
        long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(value, TimeSpan.Zero)
            : null;
}
