using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Retention;

public sealed class LocalRetentionTests : RetentionJobContract
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
            () => Task.FromResult(0),
            () => { folder.Dispose(); return ValueTask.CompletedTask; }));
    }
}
