using Deque.AxeCore.Playwright;
using DeepSight.Tests.Servers;
using Microsoft.Playwright;

namespace DeepSight.Tests.Dashboard;

/// <summary>One tab that shows the dashboard, and all that went wrong in it.</summary>
internal sealed class DashboardTab : IAsyncDisposable
{
    /// <summary>What a name or message of ours runs where it is taken for HTML.</summary>
    public const string Payload = "<img src=x onerror=window.taken=1>";

    private readonly List<string> wrong = [];

    private DashboardTab(IPage page) => Page = page;

    public IPage Page { get; }

    public static async Task<DashboardTab> OpenAsync(IBrowserContext context)
    {
        var tab = new DashboardTab(await context.NewPageAsync());
        tab.Page.SetDefaultTimeout(60_000);
        tab.Page.PageError += (_, error) => tab.wrong.Add(error);
        // Answers of 4xx are the app's, and shown; anything else in the console is a fault of the page, CSP violations among it.
        tab.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) tab.wrong.Add(message.Text);
        };
        await tab.Page.AddInitScriptAsync("addEventListener('securitypolicyviolation', e => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`))");
        return tab;
    }

    /// <summary>Opens the page by the app's address alone and types the key in; returns when all is shown.</summary>
    public async Task SignInAsync(string key)
    {
        await Page.GotoAsync("/");
        await Page.FillAsync("#key-text", key);
        await Page.ClickAsync("#key button");
        await Page.WaitForSelectorAsync("#rest[data-ready]");
    }

    public Task<string> VerdictAsync() => Page.InnerTextAsync("#verdict h1");

    /// <summary>A button of the open dialog.</summary>
    public ILocator DialogButton(string name) => Page.Locator("#dialog").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The newest run of this job, once it has come to that.</summary>
    public Task EndedAsync(string job, string status = "succeeded") => Page.WaitForSelectorAsync($"#run-table tr[data-job={job}][data-status={status}]");

    public async Task<IReadOnlyList<string>> DataAsync(string selector, string name) =>
        await Page.EvalOnSelectorAllAsync<string[]>(selector, $"all => all.map(one => one.dataset.{name})");

    /// <summary>Kept for people, in the log folder.</summary>
    /// <param name="whole">Not only what is in view.</param>
    public Task ScreenshotAsync(string name, bool whole = false) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.ChangeExtension(Clone.Log($"dashboard-{name}"), ".png"), FullPage = whole });

    /// <summary>axe finds nothing serious in what is shown now.</summary>
    public async Task IsAccessibleAsync()
    {
        var result = await Page.RunAxe();
        var serious = result.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(5).Select(node => node.Html))}");
        Assert.True(!serious.Any(), string.Join('\n', serious));
    }

    /// <summary>No script failed, no policy was violated, and nothing that was shown was taken for HTML.</summary>
    public async Task IsSoundAsync()
    {
        Assert.Empty(wrong);
        Assert.False(await Page.EvaluateAsync<bool>("() => 'taken' in window"));
        Assert.Equal(1, await Page.Locator("img").CountAsync());
        Assert.True(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
