namespace DeepSight.Tests.Cli;

/// <summary>Settings of a command, with others in their place.</summary>
internal static class CommandSettings
{
    public static Dictionary<string, string> With(this Dictionary<string, string> settings, params (string Name, string Value)[] more)
    {
        var all = new Dictionary<string, string>(settings);
        foreach (var (name, value) in more) all[name] = value;
        return all;
    }
}
