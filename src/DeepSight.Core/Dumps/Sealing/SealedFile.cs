using DeepSight.Core.Age;

namespace DeepSight.Core.Dumps.Sealing;

/// <summary>Opens what is sealed, and says in the operator's words why it can't be opened.</summary>
internal static class SealedFile
{
    /// <summary>Of the dump itself or of its access file; the stream stays its owner's.</summary>
    /// <exception cref="DeepSightException">No identity opens it, or it is damaged (<see cref="FailureKind.Corrupt"/>).</exception>
    public static async Task<Stream> OpenAsync(DumpSource source, Stream stored, CancellationToken cancellationToken)
    {
        try
        {
            return new Content(source, await AgeReader.OpenAsync(stored, source.Identities, cancellationToken));
        }
        catch (AgeException e)
        {
            throw Explained(source, e);
        }
    }

    /// <summary>Before anything is touched: whether a sealed backup can be opened here at all.</summary>
    /// <exception cref="DeepSightException">It can't (<see cref="FailureKind.Corrupt"/>).</exception>
    public static async Task RequireIdentityAsync(DumpSource source, CancellationToken cancellationToken)
    {
        if (source.Manifest is { IsClosed: true } closed) throw NoIdentity(source.Name, closed, source.Identities);
        if (!source.IsSealed) return;
        await using var stored = await source.OpenAsync(cancellationToken);
        await using var opened = await OpenAsync(source, stored, cancellationToken);
    }

    private static DeepSightException Explained(DumpSource source, AgeException failure) => failure.Failure == AgeFailure.NoMatch
        ? NoIdentity(source.Name, source.Manifest, source.Identities, failure)
        : DumpFormats.Corrupt(source, $"it is sealed, and {failure.Message}", failure);

    /// <summary>Says for whom it is sealed, and whose identities are here.</summary>
    public static DeepSightException NoIdentity(string name, BackupManifest? manifest, IReadOnlyList<AgeIdentity> identities, AgeException? failure = null)
    {
        var recipients = manifest?.Recipients is { Count: > 0 } known ? string.Join(", ", known) : "recipients that nothing here names";
        string[] own = [.. identities.OfType<X25519Identity>().Select(identity => identity.Recipient.Fingerprint)];
        var here = identities.Count == 0 ? "no identity is set here"
            : own.Length == 0 ? "the passphrase given here does not open it"
            : $"none of the identities set here opens it (those of {string.Join(", ", own)})";
        return new DeepSightException(FailureKind.Corrupt, $"'{name}' is sealed for {recipients}, and {here}. Nothing was touched.",
            "set RESTORE_AGE_IDENTITY or RESTORE_AGE_IDENTITY_FILE to the secret key of one of them, RESTORE_AGE_PASSPHRASE for a passphrase; "
            + "`deepsight key show` names the keys set here.", failure);
    }

    /// <summary>Damage shows as it is read.</summary>
    private sealed class Content(DumpSource source, AgeReader inner) : ForwardStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (AgeException e)
            {
                throw Explained(source, e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
