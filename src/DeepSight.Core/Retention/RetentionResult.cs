namespace DeepSight.Core.Retention;

/// <summary>What retention decided and did.</summary>
/// <param name="Stores">One for each store that could be listed.</param>
/// <param name="Databases">Databases of restores and drills that were dropped, or could not be, in words.</param>
/// <param name="Failures">What went wrong, in one store or another; the others were cleared up all the same.</param>
public sealed record RetentionResult(IReadOnlyList<StoreRetentionResult> Stores, IReadOnlyList<string> Databases,
    [property: System.Text.Json.Serialization.JsonIgnore] IReadOnlyList<DeepSightException> Failures);
