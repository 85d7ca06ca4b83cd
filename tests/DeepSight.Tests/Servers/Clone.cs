using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Tests.Servers;

/// <summary>The clone that the tests were built in, and what is built into its <c>.deepsight</c> when it is missing.</summary>
internal static class Clone
{
    public static string Root { get; } = FindRoot();

    public static string Bundles => Path.Combine(Root, ".deepsight");

    public static string Log(string name) => Path.Combine(Bundles, "log", name + ".log");

    /// <summary>Runs <c>infra/NAME/build.sh</c>, which does nothing when the work is done, and returns the folder.</summary>
    public static async Task<string> BuiltAsync(string name, string folder, params string[] arguments)
    {
        var path = Path.Combine(Bundles, folder);
        await using var build = ToolProcess.Start(new ToolCommand
        {
            Name = $"infra/{name}/build.sh",
            Program = Path.Combine(Root, "infra", name, "build.sh"),
            Arguments = [.. arguments, path],
        }, CancellationToken.None);
        await build.Output.CopyToAsync(Stream.Null, CancellationToken.None);
        await build.WaitForSuccessAsync();
        return path;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeepSight.Functions.sln")))
                return folder.FullName;

        throw new InvalidOperationException("The tests need the clone that they were built in.");
    }
}
