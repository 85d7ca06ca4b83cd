namespace DeepSight.Tests.Storage;

/// <summary>Folders for what tests need and nobody looks at again; removed when the run ends.</summary>
internal static class RunFolder
{
    private static readonly DirectoryInfo Root = Directory.CreateTempSubdirectory("deepsight-run-");
    private static int count;

    static RunFolder() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Root.Delete(recursive: true);

    /// <summary>The path of an empty one.</summary>
    public static string New() => Root.CreateSubdirectory($"{Interlocked.Increment(ref count)}").FullName;
}
