using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeepSight.Core;

/// <summary>An enum's members in JSON as operators write them: <c>PreRestore</c> is <c>pre-restore</c>.</summary>
public sealed class KebabCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: true) where T : struct, Enum;
