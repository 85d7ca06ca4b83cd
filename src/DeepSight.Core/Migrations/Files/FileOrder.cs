namespace DeepSight.Core.Migrations.Files;

/// <summary>RoundhousE's order: the files of a folder by name, then its subfolders by name.</summary>
internal sealed class FileOrder : IComparer<string>
{
    public static FileOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        string[] a = x!.Split('/'), b = y!.Split('/');
        for (var i = 0; ; i++)
        {
            bool aIsFile = i == a.Length - 1, bIsFile = i == b.Length - 1;
            if (aIsFile != bIsFile) return aIsFile ? -1 : 1;

            var order = string.Compare(Stem(a[i], aIsFile), Stem(b[i], bIsFile), StringComparison.OrdinalIgnoreCase);
            if (order == 0) order = string.CompareOrdinal(a[i], b[i]);
            if (order != 0 || aIsFile) return order;
        }

        // Without the ending, so that `a.sql` comes before `a_b.sql`, as it does for grate.
        static string Stem(string name, bool isFile) => isFile ? Path.GetFileNameWithoutExtension(name) : name;
    }
}
