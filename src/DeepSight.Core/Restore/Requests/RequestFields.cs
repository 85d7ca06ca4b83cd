using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Restore.Requests;

/// <summary>Reads the fields of a request one by one and collects all that is wrong with them, to be told at once.</summary>
internal sealed partial class RequestFields(IReadOnlyDictionary<string, JsonElement> values, string request)
{
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly List<string> problems = [];

    /// <param name="request">What it is, for people: <c>restore request</c>.</param>
    /// <exception cref="DeepSightException">Not a JSON object, or a field stands twice.</exception>
    public static RequestFields Parse(string json, string request = "restore request")
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var fields = document.RootElement.EnumerateObject().ToList();
            // Half a surrogate pair is JSON, but no text: it shows when it is read.
            foreach (var text in fields.Select(field => field.Value).Where(value => value.ValueKind == JsonValueKind.String)) _ = text.GetString();
            return fields.GroupBy(field => field.Name).FirstOrDefault(same => same.Count() > 1) is { } twice
                ? throw new DeepSightException(FailureKind.InvalidInput, $"The {request} has the field {RequestText.Show(twice.Key)} twice.")
                : new RequestFields(fields.ToDictionary(field => field.Name, field => field.Value.Clone()), request);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            var place = e is JsonException { LineNumber: { } line, BytePositionInLine: { } position }
                ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {position + 1})")
                : "";
            throw new DeepSightException(FailureKind.InvalidInput, $"The {request} is not a JSON object{place}.", "docs/restore-requests.md shows one.", e);
        }
    }

    public void Require(string name)
    {
        if (Find(name) is null) Problem(name, "is missing");
    }

    /// <summary>Null when it is missing, null or (then a problem) no text or an empty one.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.String) return Wrong<string>(name, "must be a text");
        return value.GetString() is { Length: > 0 } text ? text : Wrong<string>(name, "is empty");
    }

    public bool Flag(string name)
    {
        if (Find(name) is not { } value) return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Problem(name, "must be true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    public int? Number(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : Wrong<int?>(name, "must be a whole number");
    }

    /// <summary>A time without an offset would mean another one on each machine.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) && Offset().IsMatch(value.GetString()!)
            ? time.ToUniversalTime()
            : Wrong<DateTimeOffset?>(name, "must be a time with its offset, such as 2026-02-12T04:00:00Z");
    }

    public T? Choice<T>(string name) where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        return EnumNames.Parse(typeof(T), text) is T choice
            ? choice
            : Wrong<T?>(name, $"is {RequestText.Show(text)}; it must be one of {string.Join(", ", EnumNames.Of(typeof(T)))}");
    }

    /// <summary>A problem that only the caller can see.</summary>
    public void Problem(string name, string problem) => problems.Add($"{name} {problem}.");

    /// <exception cref="DeepSightException">Anything was wrong, an unknown field included.</exception>
    public void ThrowIfWrong()
    {
        var unknown = values.Keys.Where(name => !known.Contains(name)).Select(name => $"{RequestText.Show(name)} is not a field.").ToList();
        if (problems.Count + unknown.Count == 0) return;

        throw new DeepSightException(FailureKind.InvalidInput, $"The {request} can't be taken: " + string.Join(" ", problems.Concat(unknown)),
            unknown.Count > 0 ? $"the fields are {string.Join(", ", known)}." : "docs/restore-requests.md describes the fields.");
    }

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return values.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private T? Wrong<T>(string name, string problem)
    {
        Problem(name, problem);
        return default;
    }

    [GeneratedRegex(@"(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex Offset();
}
