using System.Collections.Concurrent;
using System.Reflection;

namespace DeepSight.Core.Settings;

/// <summary>Every setting there is, read off the settings classes.</summary>
public static class SettingsCatalog
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<SettingDescription>> BySection = new();

    /// <summary>In the order of <see cref="DeepSightSettings"/>.</summary>
    public static IEnumerable<SettingDescription> All => Sections.SelectMany(section => section.Settings);

    /// <summary>The same by feature.</summary>
    internal static IEnumerable<(string Name, IReadOnlyList<SettingDescription> Settings)> Sections =>
        from section in typeof(DeepSightSettings).GetProperties()
        let settings = In(section.PropertyType)
        where settings.Count > 0
        select (section.Name, settings);

    internal static IReadOnlyList<SettingDescription> In(Type section) => BySection.GetOrAdd(section, static type =>
    {
        var declared = type.GetProperties().Where(p => p.IsDefined(typeof(SettingAttribute))).ToList();
        if (declared.Count == 0) return [];

        var defaults = Activator.CreateInstance(type);
        return
        [
            .. declared.Select(property =>
            {
                var setting = property.GetCustomAttribute<SettingAttribute>()!;
                return new SettingDescription(setting.Name, setting.Meaning, setting.Secret, property.GetValue(defaults), property);
            }),
        ];
    });
}
