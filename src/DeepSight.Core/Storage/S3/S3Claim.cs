using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.S3;

/// <summary>The right to replace one version of an object, held for as long as that takes; disposing gives it back.</summary>
internal sealed class S3Claim : IAsyncDisposable
{
    /// <summary>Far longer than one small write is tried: whoever still holds it then has died.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly S3Bucket bucket;
    private readonly string name;

    private S3Claim(S3Bucket bucket, string name) => (this.bucket, this.name) = (bucket, name);

    /// <summary>Null when another has it. One that was left by a crash is removed, so that the next attempt succeeds.</summary>
    public static async Task<S3Claim?> TryTakeAsync(S3Bucket bucket, S3SmallObjects objects, string of, string version, CancellationToken cancellationToken)
    {
        var name = NameFor(of, version);
        if (await objects.TryCreateAsync(name, "{}"u8.ToArray(), cancellationToken)) return new S3Claim(bucket, name);

        var held = await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken);
        if (held is { } found && found.Stored.LastModified + Longest < bucket.Clock.UtcNow)
            await S3Deletion.DeleteAsync(bucket, [name], cancellationToken);
        return null;
    }

    internal static string NameFor(string name, string version) =>
        $"{name}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(version)))[..16]}.claim";

    public async ValueTask DisposeAsync()
    {
        try
        {
            await S3Deletion.DeleteAsync(bucket, [name], CancellationToken.None);
        }
        catch (DeepSightException e)
        {
            // When its version is gone it keeps nobody away; otherwise it is removed by whoever finds it an hour from now.
            bucket.Log.LogWarning("The claim '{Claim}' could not be removed: {Reason}", name, e.Message);
        }
    }
}
