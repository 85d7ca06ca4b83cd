namespace DeepSight.Core.Settings;

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
