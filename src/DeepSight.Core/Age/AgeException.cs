namespace DeepSight.Core.Age;

/// <summary>A key or file of age that can't be used. The message names no secret; it follows "it can't be opened: ".</summary>
public sealed class AgeException(AgeFailure failure, string message) : Exception(message)
{
    public AgeFailure Failure { get; } = failure;
}

/// <summary>What is wrong.</summary>
public enum AgeFailure
{
    /// <summary>A recipient, an identity or a passphrase is none.</summary>
    Key,

    /// <summary>The header, or the armor around the file, is not of the format or beyond its limits.</summary>
    Header,

    /// <summary>None of the identities opens it.</summary>
    NoMatch,

    /// <summary>The header was altered, or is that of another file key.</summary>
    Mac,

    /// <summary>The payload was altered or is cut.</summary>
    Payload,
}
