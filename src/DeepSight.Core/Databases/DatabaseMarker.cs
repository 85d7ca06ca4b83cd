using System.Text;
using System.Text.Json;

namespace DeepSight.Core.Databases;

/// <summary>
/// The comment on a database of ours, as JSON on one line: what it is, and what it belongs to. Names alone would not do: they may
/// be cut at 63 bytes, and a database of somebody else's could have one like it.
/// </summary>
internal sealed record DatabaseMarker
{
    /// <summary>Being loaded, by someone who holds its lock; otherwise abandoned.</summary>
    public const string Scratch = "scratch";

    /// <summary>Replaced by a restore and kept for undo.</summary>
    public const string Previous = "previous";

    /// <summary><see cref="Scratch"/> or <see cref="Previous"/>.</summary>
    public required string Deepsight { get; init; }

    /// <summary>The database it was made for, or that it was.</summary>
    public required string Database { get; init; }

    /// <summary>When it was made or replaced, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The backup that replaced it.</summary>
    public string? Backup { get; init; }

    /// <summary>Of the request that replaced it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The comment that the database had of its own.</summary>
    public string? Comment { get; init; }

    public string ToComment() => Json.ToLine(this);

    /// <summary>Null for comments that are not ours.</summary>
    public static DatabaseMarker? Parse(string? comment)
    {
        if (comment is null || !comment.StartsWith("{\"deepsight\":", StringComparison.Ordinal)) return null;
        try
        {
            return Json.Read<DatabaseMarker>(Encoding.UTF8.GetBytes(comment));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
