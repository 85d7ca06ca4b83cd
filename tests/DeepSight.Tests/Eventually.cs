namespace DeepSight.Tests;

/// <summary>Waits for what other threads or processes do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Asks until it holds; fails with the explanation when it doesn't for a minute.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<string> explanation)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !await condition();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Limit, explanation());
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, Func<string> explanation) => HoldsAsync(() => Task.FromResult(condition()), explanation);
}
