using System.Globalization;
using DeepSight.Core.Migrations.Authoring;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>A revision of Alembic's on its way to be one of ours, or several where it can't be one file.</summary>
internal sealed class ImportedRevision(AlembicRevision of)
{
    private const string Empty = "\n-- nothing here: the revision is in several files, since what runs outside a transaction needs one of its own\n";

    public AlembicRevision Of { get; } = of;

    public RecordedWay? Up { get; set; }

    public RecordedWay? Down { get; set; }

    /// <summary>Why Alembic itself can't undo it; null where it can.</summary>
    public string? Irreversible { get; set; }

    /// <summary>The last one keeps the name, so that whoever has it applied has them all.</summary>
    public int Count => Math.Max(1, Math.Max(Up!.Parts.Count, Down?.Parts.Count ?? 0));

    /// <param name="number">Of the first one's file.</param>
    /// <param name="width">Digits of a number.</param>
    public IEnumerable<(Revision Revision, string Up, string? Down)> Files(int number, int width)
    {
        for (var i = 0; i < Count; i++)
        {
            var (isFirst, isLast) = (i == 0, i == Count - 1);
            var digits = (number + i).ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
            string[] name = [digits, RevisionFileName.Slug(Of.Message), Count == 1 ? "" : $"{i + 1}"];
            var revision = new Revision
            {
                Id = isLast ? Of.Revision : Id(i),
                File = string.Join('_', name.Where(part => part.Length > 0)) + ".sql",
                DownRevisions = isFirst ? Of.DownRevisions : [Id(i - 1)],
                DependsOn = isFirst ? Of.DependsOn : [],
                Labels = isLast ? Of.Labels : [],
                Message = Of.Message.ReplaceLineEndings(" ").Trim() + (Count == 1 ? "" : $" ({i + 1} of {Count})"),
                Irreversible = Irreversible,
            };
            yield return (revision, RevisionWriter.Header(revision) + TextOf(Up!, i),
                Irreversible is null ? $"-- undoes {revision}\n{TextOf(Down!, Count - 1 - i)}" : null);
        }
    }

    private string Id(int part) => $"{Of.Revision}.{part + 1}";

    private string TextOf(RecordedWay way, int part) => part < way.Parts.Count ? way.Parts[part].Text : Count == 1 ? "\n" : Empty;
}
