using System.Diagnostics;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

[assembly: AssemblyFixture(typeof(S3Server))]

namespace DeepSight.Tests.Storage;

/// <summary>
/// The S3 server of the test run: the one that <c>TEST_S3_ENDPOINT</c> names (with <c>TEST_S3_ACCESS_KEY</c> and
/// <c>TEST_S3_SECRET_KEY</c>), else Ceph's gateway, built when it is missing and started with the first test that asks.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    private readonly Lazy<Task<S3Access>> access;
    private readonly string state = Path.Combine(Path.GetTempPath(), $"deepsight-s3-{Environment.ProcessId}");
    private Process? process;

    public S3Server() => access = new Lazy<Task<S3Access>>(StartAsync);

    public Task<S3Access> AccessAsync() => access.Value;

    /// <summary>Ceph's own <c>radosgw-admin</c>, for users and quotas.</summary>
    public async Task AdminAsync(params string[] arguments)
    {
        await AccessAsync();
        Assert.SkipWhen(process is null, "TEST_S3_ENDPOINT names a server that is not ours to manage.");
        using var admin = Process.Start(new ProcessStartInfo(Path.Combine(state, "radosgw-admin"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = admin.StandardError.ReadToEndAsync();
        await admin.StandardOutput.ReadToEndAsync();
        await admin.WaitForExitAsync();
        Assert.True(admin.ExitCode == 0, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null) return;
        // With its input closed the server ends itself; so it does when this process is killed.
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        if (Directory.Exists(state)) Directory.Delete(state, recursive: true);
    }

    private async Task<S3Access> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("TEST_S3_ENDPOINT") is { Length: > 0 } endpoint)
            return new S3Access(new Uri(endpoint), Required("TEST_S3_ACCESS_KEY"), Required("TEST_S3_SECRET_KEY"));

        var start = new ProcessStartInfo(Path.Combine(Clone.Root, "infra", "local", "s3", "up.sh"), ["--attached", state])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var values = new Dictionary<string, string>();
        while (values.Count < 3 && await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.Split('=', 2) is [var name, var value]) values[name] = value;

        Assert.True(values.Count == 3, values.Count == 3 ? null : $"The S3 server of the tests did not start: {await error}");
        return new S3Access(new Uri(values["TEST_S3_ENDPOINT"]), values["TEST_S3_ACCESS_KEY"], values["TEST_S3_SECRET_KEY"]);
    }

    private static string Required(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} must be set with TEST_S3_ENDPOINT.");
}
