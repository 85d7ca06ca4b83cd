namespace DeepSight.Tests.Storage;

/// <summary>A folder of its own for one test, removed with all that is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("deepsight-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
