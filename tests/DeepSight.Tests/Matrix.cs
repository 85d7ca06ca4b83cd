namespace DeepSight.Tests;

/// <summary>The long matrices: a sample by default, whole under <c>./deepsight test --full</c>.</summary>
internal static class Matrix
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("DEEPSIGHT_TEST_FULL") == "1";
}
