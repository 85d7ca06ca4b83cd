namespace DeepSight.Core.Age;

/// <summary>One line of a header with its body: the file key, wrapped for one recipient.</summary>
/// <param name="Arguments">What follows the type; visible ASCII.</param>
internal sealed record Stanza(string Type, IReadOnlyList<string> Arguments, byte[] Body);
