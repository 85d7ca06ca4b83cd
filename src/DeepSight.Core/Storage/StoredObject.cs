namespace DeepSight.Core.Storage;

/// <summary>One object as a store lists it.</summary>
/// <param name="Name">Relative to the store's root, with <c>/</c> between folders: <c>runs/2026/02/12/030000_backup_x.json</c>.</param>
/// <param name="Size">In bytes.</param>
/// <param name="LastModified">By the store's clock; for sweeping leftovers only, never for a backup's age (its name tells).</param>
/// <param name="Version">What pins this very content in a later read: an ETag on S3, size and modification time locally.</param>
public sealed record StoredObject(string Name, long Size, DateTimeOffset LastModified, string Version);
