using System.Reflection;

namespace DeepSight.Core.Settings;

/// <summary>One setting as declared: what the command <c>settings</c>, the sample and the docs are made or checked from.</summary>
public sealed record SettingDescription(string Name, string Meaning, bool Secret, object? Default, PropertyInfo Property);
