namespace DeepSight.Benchmarks;

/// <summary>The command that is measured: the native one, which <c>./deepsight bench</c> compiles; without the launcher the one built beside the benchmarks.</summary>
internal static class MeasuredCommand
{
    public static string Program => Environment.GetEnvironmentVariable("DEEPSIGHT_COMMAND") ?? Path.Combine(AppContext.BaseDirectory, "deepsight");
}
