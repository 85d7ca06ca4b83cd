using System.Net;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// Whether the service honours <c>If-None-Match: *</c> on writes; found out, not assumed. After the first write that created
/// an object of ours, the very same conditional write is sent once more: a service that knows the condition answers 412, one
/// that ignores it 200 (the content is the same, so nothing is lost), one that refuses it 501 or 400.
/// </summary>
internal sealed class S3Conditions
{
    private static readonly string[] ConditionNames = ["If-None-Match", "If-Match"];

    private volatile bool isKnown;
    private volatile bool areHonoured;
    private volatile bool lacksIfMatch;

    /// <summary>Null until the service has shown it.</summary>
    public bool? AreHonoured => isKnown ? areHonoured : null;

    /// <summary>What a write sends: the condition, unless the service is known not to have it.</summary>
    public string? IfNoneMatch => AreHonoured == false ? null : "*";

    /// <summary>The service refused <c>If-Match</c> on a write, as Swift does, which has <c>If-None-Match: *</c>.</summary>
    public bool LacksIfMatch
    {
        get => lacksIfMatch;
        set => lacksIfMatch = value;
    }

    public void Learn(bool honoured)
    {
        areHonoured = honoured;
        isKnown = true;
    }

    /// <summary>The service refused a request for the condition that it carried.</summary>
    public static bool IsRefusal(DeepSightException e) =>
        e.HasStatus(HttpStatusCode.NotImplemented)
        || (e.HasStatus(HttpStatusCode.BadRequest) && ConditionNames.Any(name => e.InnerException!.Message.Contains(name, StringComparison.OrdinalIgnoreCase)));
}
