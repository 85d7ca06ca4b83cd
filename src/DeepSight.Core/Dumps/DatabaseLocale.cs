namespace DeepSight.Core.Dumps;

/// <summary>How a database encodes and sorts text: fixed when it is created, and in no dump.</summary>
public sealed record DatabaseLocale
{
    public required string Encoding { get; init; }

    public required string Collate { get; init; }

    public required string Ctype { get; init; }

    /// <summary><c>libc</c>, <c>icu</c> or <c>builtin</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Of the provider icu or builtin; null for libc.</summary>
    public string? Locale { get; init; }

    public string? IcuRules { get; init; }

    /// <summary><c>UTF8, icu en-US</c>.</summary>
    public override string ToString() =>
        $"{Encoding}, {Provider} {Locale ?? (Collate == Ctype ? Collate : $"{Collate}/{Ctype}")}{(IcuRules is null ? "" : " with rules of its own")}";
}
