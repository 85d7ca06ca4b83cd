using DeepSight.Tests.Dashboard;
using DeepSight.Tests.Servers;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace DeepSight.Tests.Dashboard;

/// <summary>Debian's Chromium, without a window, started when the first test asks for it and ended with the run.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> started = new(StartAsync);

    public async ValueTask DisposeAsync()
    {
        if (!started.IsValueCreated || !started.Value.IsCompletedSuccessfully) return;
        var (driver, browser) = await started.Value;
        await browser.DisposeAsync();
        driver.Dispose();
    }

    /// <summary>A tab with a session of its own.</summary>
    internal async Task<DashboardTab> OpenAsync(Uri app, int width = 1440, int height = 900, bool dark = false)
    {
        var context = await (await started.Value).Browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = app.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return await DashboardTab.OpenAsync(context);
    }

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var folder = await Clone.BuiltAsync("local/chromium", "chromium");
        Assertions.SetDefaultExpectTimeout(60_000);
        var driver = await Playwright.CreateAsync();
        var browser = await driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path.Combine(folder, "bin", "chromium"),
            // As root, as in a container, there is no sandbox; what is opened are pages of ours.
            Args = ["--no-sandbox"],
        });
        return (driver, browser);
    }
}
