using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;

namespace DeepSight.Core.Settings;

/// <summary>Fills a settings class from a source, collecting every error instead of stopping at the first.</summary>
internal sealed class SettingsBinder(SettingsSource source, ICollection<string> errors)
{
    public T Bind<[DynamicallyAccessedMembers(SettingDescription.Read)] T>() where T : new()
    {
        var section = new T();
        foreach (var setting in SettingDescription.In<T>())
            if (source.Find(setting.Name) is { } found)
                Apply(setting, section, found.Value);

        return section;
    }

    private void Apply(SettingDescription setting, object section, string text)
    {
        // Azure hands the reference itself over where it can't read the secret.
        if (text.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add($"{setting.Name} is a Key Vault reference that was not resolved: the secret is missing, or the app's identity may not read it.");
            return;
        }

        if (!TryConvert(text, setting.Property.PropertyType, out var value))
        {
            errors.Add($"{setting.Name} is '{Shown(setting, text)}'; it must be {Expected(setting)}.");
            return;
        }

        foreach (var rule in setting.Property.GetCustomAttributes<ValidationAttribute>())
            if (!rule.IsValid(value))
            {
                errors.Add($"{setting.Name} is '{Shown(setting, text)}'; it must be {Expected(setting)}.");
                return;
            }

        setting.Property.SetValue(section, value);
    }

    private static bool TryConvert(string text, Type type, out object? value)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : null,
            _ when type == typeof(bool) => text.ToLowerInvariant() switch { "true" or "1" or "on" or "yes" => true, "false" or "0" or "off" or "no" => false, _ => null },
            _ when type == typeof(Uri) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null,
            _ when type == typeof(IReadOnlyList<string>) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            _ when type.IsEnum => EnumNames.Parse(type, text),
            _ => throw new InvalidOperationException($"No conversion to {type}."),
        };
        return value is not null;
    }

    private static string Shown(SettingDescription setting, string text) => setting.Shown(text);

    /// <summary>What a setting must be, for the operator.</summary>
    internal static string Expected(SettingDescription setting)
    {
        var type = Nullable.GetUnderlyingType(setting.Property.PropertyType) ?? setting.Property.PropertyType;
        if (setting.Property.GetCustomAttribute<RangeAttribute>() is { } range)
            return range.Maximum is int.MaxValue ? $"a whole number, at least {range.Minimum}" : $"a whole number from {range.Minimum} to {range.Maximum}";
        if (setting.Property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            return "one of " + string.Join(", ", allowed.Values.OfType<object>());
        if (setting.Property.GetCustomAttribute<RegularExpressionAttribute>() is { ErrorMessage: { } message })
            return message;
        if (type.IsEnum) return "one of " + string.Join(", ", EnumNames.Of(type));
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(int)) return "a whole number";
        if (type == typeof(IReadOnlyList<string>)) return "a list with commas";
        return type == typeof(Uri) ? "an http(s) address" : "text";
    }
}
