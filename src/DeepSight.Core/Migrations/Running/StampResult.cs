namespace DeepSight.Core.Migrations.Running;

/// <summary>What a stamp changed.</summary>
/// <param name="Added">Count as applied now.</param>
/// <param name="Removed">Count as applied no more.</param>
/// <param name="Renewed">Counted already; the journal has the text of their files now.</param>
public sealed record StampResult(IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Renewed,
    string? Before, string? After, bool DryRun);
