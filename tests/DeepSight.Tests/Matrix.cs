namespace DeepSight.Tests;

/// <summary>The long matrices: a sample by default, whole under <c>./deepsight test --full</c>.</summary>
internal static class Matrix
{
    /// <summary>The trait of a test that runs as a whole or not at all; <c>infra/test.sh</c> leaves those with <see cref="Full"/> out.</summary>
    public const string Runs = "Runs";

    public const string Full = "full";

    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("DEEPSIGHT_TEST_FULL") == "1";
}
