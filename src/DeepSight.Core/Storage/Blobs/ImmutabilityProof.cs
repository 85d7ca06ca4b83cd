using Azure.Storage.Blobs.Models;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Whether a blob is immutable as it was written to be: who asked for it believes that the backup can't be deleted.</summary>
internal static class ImmutabilityProof
{
    public const string Hint = "the container needs version-level immutability (infra/azure: immutability); unset BACKUP_AZURE_IMMUTABILITY and BACKUP_AZURE_IMMUTABILITY_DAYS to do without.";

    /// <summary>The service counts seconds.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMinutes(1);

    /// <param name="until">What was asked for when the upload began.</param>
    /// <returns>What is missing, or why it can't be seen; neither where all is well.</returns>
    public static async Task<(DeepSightException? Shortfall, string? Doubt)> FindAsync(BlobContainer container, string name, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (container.Settings.Immutability is not { } mode) return (null, null);

        try
        {
            var policy = (await container.FindAsync(name, BlobOperation.Find, cancellationToken))?.Properties.ImmutabilityPolicy;
            if (policy?.ExpiresOn is not { } end)
                return (Missing($"'{name}' is in {container.Location}, but it is not immutable: the service took the policy and kept nothing of it."), null);

            var isWeaker = mode == AzureImmutability.Locked && policy.PolicyMode != BlobImmutabilityPolicyMode.Locked;
            return isWeaker || end < until - Rounding
                ? (Missing(FormattableString.Invariant($"'{name}' in {container.Location} is protected less than asked for: {policy.PolicyMode?.ToString().ToLowerInvariant()} until {end.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.")), null)
                : (null, null);
        }
        catch (DeepSightException e)
        {
            // It was stored with its policy; that nobody can look makes it no worse.
            return (null, $"Whether '{name}' is immutable could not be seen: {e.Message} {e.Hint}".TrimEnd());
        }
    }

    private static DeepSightException Missing(string message) => new(FailureKind.Failed, message, $"whoever may write there can delete it; {Hint}");
}
