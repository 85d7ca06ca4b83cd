using System.Text.RegularExpressions;
using DeepSight.Core.Migrations.Files;

namespace DeepSight.Core.Migrations.Graph;

/// <summary>Makes revisions of the files of <c>up/</c>.</summary>
internal static partial class RevisionReader
{
    /// <param name="scripts">In the order of their names: without a header, a file follows the one before it.</param>
    public static IEnumerable<Revision> Read(IEnumerable<MigrationScript> scripts)
    {
        string? previous = null;
        foreach (var script in scripts)
        {
            var header = RevisionHeader.Parse(script.Text, script.Display);
            if (header is { IsAlembics: true, Revision: null })
                throw new DeepSightException(FailureKind.InvalidInput,
                    $"'{script.Display}' has Alembic's 'Revision ID' or 'Revises', which mean nothing here.",
                    "write `-- revision:` and `-- down_revision:`.");
            var stem = Path.GetFileNameWithoutExtension(script.FileName);
            var id = header.Revision ?? NotAllowed().Replace(stem, "_");
            yield return new Revision
            {
                Id = id,
                File = script.Path,
                DownRevisions = header.DownRevisions ?? (previous is null ? [] : [previous]),
                DependsOn = header.DependsOn,
                Labels = header.Labels,
                Message = header.Message ?? (header.Revision is null ? "" : stem),
                Irreversible = header.Irreversible,
                InTransaction = header.InTransaction,
                Hazards = header.Hazards,
            };
            previous = id;
        }
    }

    // Targets are written with @ - + and :, lists with commas.
    [GeneratedRegex(@"[^\p{L}\p{N}_.]")]
    private static partial Regex NotAllowed();
}
