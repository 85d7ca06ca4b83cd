using DeepSight.Core.Storage.Local;

namespace DeepSight.Tests.Storage;

public sealed class LocalBackupStoreTests : BackupStoreContract
{
    protected override Task<StoreUnderTest> OpenAsync()
    {
        var folder = new TemporaryFolder();
        var root = Path.Combine(folder.Path, "backups");
        return Task.FromResult(new StoreUnderTest(
            new LocalBackupStore(root, Clock),
            async (name, content) =>
            {
                var path = Path.Combine(root, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, content, Cancelled);
            },
            () => Task.FromResult(Directory.Exists(root) ? Directory.GetFiles(root, "*.deepsight-tmp", SearchOption.AllDirectories).Length : 0),
            () => { folder.Dispose(); return ValueTask.CompletedTask; }));
    }
}
