using System.Globalization;
using System.Reflection;

namespace DeepSight.Core.Settings;

/// <summary>One setting as declared: what the command <c>settings</c>, the sample and the docs are made or checked from.</summary>
public sealed record SettingDescription(string Name, string Meaning, bool Secret, object? Default, PropertyInfo Property)
{
    /// <summary>What it must be, in words: <c>a whole number from 0 to 23</c>.</summary>
    public string Allowed => SettingsBinder.Expected(this);

    /// <summary>The default as an operator would write it; null when there is none, or when it lies beside the program.</summary>
    public string? DefaultText => Default switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        Enum member => EnumNames.Of(member),
        IEnumerable<string> list => string.Join(",", list) is { Length: > 0 } text ? text : null,
        string path when path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) => null,
        _ => Convert.ToString(Default, CultureInfo.InvariantCulture),
    };
}
