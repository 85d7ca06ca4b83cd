namespace DeepSight.LocalHost.Settings;

/// <summary>Pauses that double from a first one to a longest one.</summary>
internal sealed class Pause(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? doubled;

    /// <summary>Whether a pause was taken since the last reset.</summary>
    public bool IsOn => doubled is not null;

    public TimeSpan Next()
    {
        var now = doubled ?? first;
        if (now > longest) now = longest;
        doubled = now * 2;
        return now;
    }

    public void Reset() => doubled = null;

    /// <summary>Resets; true when there was anything to reset.</summary>
    public bool IsOver()
    {
        var was = IsOn;
        Reset();
        return was;
    }
}
