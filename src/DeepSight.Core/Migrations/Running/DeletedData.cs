using Npgsql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>A down brings back tables and columns, not their rows: those are in the backup that the up took, if it took one.</summary>
internal static class DeletedData
{
    /// <returns>For each revision that is undone and had deleted data, where that data is.</returns>
    public static async Task<IReadOnlyList<string>> NotesAsync(MigrationSession session, IReadOnlyList<ScriptJob> plan, CancellationToken cancellationToken)
    {
        var losing = plan.Where(job => job.Undoes is not null && job.Revision!.Losses.Any()).ToList();
        if (losing.Count == 0) return [];

        var backups = await BackupsAsync(session, cancellationToken);
        return
        [
            .. losing.Select(job => $"{job.Undoes!.Display} deleted data ({string.Join(", ", job.Revision!.Losses)}), and its down does not bring it back. "
                + (backups.TryGetValue(job.Revision.Id, out var backup) ? $"It is in the backup {backup}." : "The journal names no backup that was taken before it.")),
        ];
    }

    /// <summary>By revision, of its latest up.</summary>
    private static async Task<Dictionary<string, string>> BackupsAsync(MigrationSession session, CancellationToken cancellationToken)
    {
        var backups = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!session.Tables.HasBackups) return backups;

        await using var command = new NpgsqlCommand($"select revision, backup from {session.Tables.RevisionLog} where backup is not null order by id", session.Connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) backups[row.GetString(0)] = row.GetString(1);
        return backups;
    }
}
