using System.Collections.Concurrent;
using System.Reflection;

namespace DeepSight.Core.Settings;

/// <summary>Every setting there is, read off the settings classes.</summary>
public static class SettingsCatalog
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<SettingDescription>> BySection = new();

    /// <summary>In the order of <see cref="DeepSightSettings"/>.</summary>
    public static IEnumerable<SettingDescription> All =>
        typeof(DeepSightSettings).GetProperties().SelectMany(section => In(section.PropertyType));

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
