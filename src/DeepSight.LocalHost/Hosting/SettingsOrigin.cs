namespace DeepSight.LocalHost.Hosting;

/// <summary>Where the settings come from, for the first line of the table.</summary>
/// <param name="File">The name of the settings file, or null where there is none.</param>
/// <param name="Overridden">How many of its values the environment or the command line replaces.</param>
internal sealed record SettingsOrigin(string? File, int Overridden)
{
    public override string ToString() => File is null ? "settings: the environment"
        : Overridden == 0 ? $"settings: {File}"
        : $"settings: {File} ({Overridden} overridden by the environment)";
}
