namespace DeepSight.Core.Dumps;

/// <summary>One thing that differs between two dumps.</summary>
/// <param name="Subject">A table's name, or <c>schema</c>, or <c>values</c> (sequences' values, large objects).</param>
/// <param name="Message">A sentence for people, with both values.</param>
public sealed record DumpDifference(string Subject, string Message);
