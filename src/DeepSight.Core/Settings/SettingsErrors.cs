namespace DeepSight.Core.Settings;

/// <summary>What is wrong with this process's settings: jobs refuse to run while there is anything.</summary>
/// <param name="All">Each names its setting, its value (masked where secret) and what is allowed.</param>
public sealed record SettingsErrors(IReadOnlyList<string> All)
{
    /// <exception cref="DeepSightException">Any setting is wrong; the message lists them all.</exception>
    public void ThrowIfAny()
    {
        if (All.Count > 0)
            throw new DeepSightException(FailureKind.InvalidInput,
                All.Count == 1 ? All[0] : $"{All.Count} settings are wrong:\n  " + string.Join("\n  ", All),
                "`deepsight settings` lists every setting with its value, where it came from and its meaning.");
    }
}
