using System.Text.Json.Serialization;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>The way from the migrations to the declared schema.</summary>
/// <param name="Revisions">Each follows the one before; none where nothing differs.</param>
/// <param name="Renames">What looks like a rename, for people: it is dropped and made.</param>
public sealed record GeneratedScripts(IReadOnlyList<GeneratedRevision> Revisions, IReadOnlyList<string> Renames)
{
    /// <summary>Why the proof failed; null where it holds.</summary>
    public string? Unproven { get; init; }

    [JsonIgnore]
    public bool IsEmpty => Revisions.Count == 0;
}

/// <summary>A way up and its way down.</summary>
/// <param name="Hazards">What the way up does to data and to whoever works meanwhile: <c>deletes-data column public.users.email</c>.</param>
public sealed record GeneratedRevision(string Up, string Down, IReadOnlyList<string> Hazards);
