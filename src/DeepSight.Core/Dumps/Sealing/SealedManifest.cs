using System.Buffers.Text;
using System.Text.Json;
using DeepSight.Core.Age;

namespace DeepSight.Core.Dumps.Sealing;

/// <summary>
/// Manifests that name no table, role or extension to who holds no identity. What list, retention and integrity need stays in
/// clear text: names, times, sizes, hashes.
/// </summary>
internal static class SealedManifest
{
    private static readonly StatementSummary Hidden = new(0, new string('0', 16));

    public static async Task<BackupManifest> CloseAsync(BackupManifest manifest, IReadOnlyList<AgeRecipient> recipients, CancellationToken cancellationToken) => manifest with
    {
        Sealed = Convert.ToBase64String(await AgeWriter.SealAsync(Json.ToUtf8(manifest), recipients, cancellationToken)),
        Roles = [],
        NeededRoles = null,
        Extensions = [],
        SuperuserNeeds = null,
        Tables = [],
        Statements = Hidden,
        Values = Hidden,
    };

    /// <summary>The same with all that it tells; as it is when no identity opens it, or nothing of it is sealed.</summary>
    /// <exception cref="JsonException">What is sealed is damaged, or of another backup.</exception>
    public static async Task<BackupManifest> OpenAsync(BackupManifest manifest, IReadOnlyList<AgeIdentity> identities, CancellationToken cancellationToken)
    {
        if (manifest.Sealed is not { } text) return manifest;
        if (!Base64.IsValid(text)) throw new JsonException("Its sealed part is no base64.");
        try
        {
            await using var opened = await AgeReader.OpenAsync(new MemoryStream(Convert.FromBase64String(text)), identities, cancellationToken);
            using var content = new MemoryStream();
            await opened.CopyToAsync(content, cancellationToken);
            var whole = Json.Read<BackupManifest>(content.GetBuffer().AsSpan(0, (int)content.Length));
            if (whole is not { Sealed: null } || whole.Sha256 != manifest.Sha256) throw new JsonException("Its sealed part is of another backup.");
            return manifest with
            {
                Sealed = null,
                Roles = whole.Roles,
                NeededRoles = whole.NeededRoles,
                Extensions = whole.Extensions,
                SuperuserNeeds = whole.SuperuserNeeds,
                Tables = whole.Tables,
                Statements = whole.Statements,
                Values = whole.Values,
            };
        }
        catch (AgeException e) when (e.Failure == AgeFailure.NoMatch)
        {
            return manifest;
        }
        catch (AgeException e)
        {
            throw new JsonException($"Its sealed part can't be opened: {e.Message}", e);
        }
    }
}
