using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace DeepSight.Core.Settings;

/// <summary>One setting as declared: what the command <c>settings</c>, the sample and the docs are made or checked from.</summary>
public sealed record SettingDescription(string Name, string Meaning, bool Secret, object? Default, PropertyInfo Property)
{
    /// <summary>What a compiler that trims must keep of a settings class.</summary>
    internal const DynamicallyAccessedMemberTypes Read =
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor;

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

    /// <summary>A value as it may be printed: none of a secret, no address with a password in it, no secret key in a public one's place.</summary>
    public string Shown(string value) =>
        Secret || value.Contains("SECRET-KEY-", StringComparison.OrdinalIgnoreCase) || (Property.PropertyType == typeof(Uri) && value.Contains('@', StringComparison.Ordinal)) ? "(hidden)" : value;

    /// <summary>The settings that a settings class declares, read once.</summary>
    internal static IReadOnlyList<SettingDescription> In<[DynamicallyAccessedMembers(Read)] T>() where T : new() => Declared<T>.Settings;

    private static class Declared<[DynamicallyAccessedMembers(Read)] T> where T : new()
    {
        public static readonly IReadOnlyList<SettingDescription> Settings = [.. Of(new T())];

        private static IEnumerable<SettingDescription> Of(T defaults) =>
            from property in typeof(T).GetProperties()
            let setting = property.GetCustomAttribute<SettingAttribute>()
            where setting is not null
            select new SettingDescription(setting.Name, setting.Meaning, setting.Secret, property.GetValue(defaults), property);
    }
}

/// <summary>
/// Binds a property to the setting of this name. The property's initial value is the default. <c>[Range]</c> and
/// <c>[AllowedValues]</c> limit it; documentation, sample and validation are all derived from here.
/// </summary>
/// <param name="name">As in the environment: <c>BACKUP_RETENTION_DAYS</c>.</param>
/// <param name="meaning">One sentence for the operator, with the unit.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string name, string meaning) : Attribute
{
    public string Name { get; } = name;

    public string Meaning { get; } = meaning;

    /// <summary>Its value is never printed, logged or recorded.</summary>
    public bool Secret { get; init; }

    /// <summary>What the sample shows where that is not the default.</summary>
    public string? Example { get; init; }
}
