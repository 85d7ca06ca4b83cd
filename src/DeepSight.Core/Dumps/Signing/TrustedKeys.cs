namespace DeepSight.Core.Dumps.Signing;

/// <summary>Whose backups may be restored. Without keys anyone's.</summary>
public sealed class TrustedKeys(IReadOnlyList<PublicKey> keys)
{
    /// <summary>Nothing is checked.</summary>
    public static TrustedKeys None { get; } = new([]);

    public bool IsRequired => keys.Count > 0;

    public IReadOnlyList<PublicKey> Keys => keys;

    /// <param name="manifest">The file's bytes.</param>
    /// <param name="signed">The name that the manifest says.</param>
    /// <param name="found">The name that it was found under: an old backup could be put in a newer one's place.</param>
    /// <returns>Why it is not to be trusted; null when it is, or nothing is checked.</returns>
    internal string? WhyNot(ReadOnlySpan<byte> manifest, string signed, string found) =>
        !IsRequired ? null
        : ManifestSignature.WhyUntrusted(manifest, keys)
            ?? (signed == found ? null : $"it was signed under another name ('{signed}'): an older backup in its place, or renamed by hand");

    /// <summary>Of a file without a manifest.</summary>
    internal string? WhyNot() => IsRequired ? "it has no manifest, and so no signature" : null;

    /// <exception cref="DeepSightException">It isn't trusted (<see cref="FailureKind.Corrupt"/>).</exception>
    internal static void Require(DumpSource source)
    {
        if (source.Untrusted is { } why)
            throw new DeepSightException(FailureKind.Corrupt, $"'{source.Name}' in {source.Location} is not trusted: {why}. Nothing was touched.",
                "restore one that is signed by a key of RESTORE_TRUSTED_KEYS: `deepsight list`; for an old one that you know, "
                + "`deepsight restore … --unsigned` on a terminal.");
    }
}
