using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Settings;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight settings</c>: every setting with its value, where it came from and what it means.</summary>
internal static class SettingsCommand
{
    private static readonly Option<bool> Sample = new("--sample") { Description = "Print a local.settings.json with every setting in it instead." };

    private static readonly Option<bool> Markdown = new("--markdown") { Description = "Print the tables of docs/settings.md instead." };

    public static Command Define() => CommandContext.Command("settings",
        "List every setting with its value, where it came from and its meaning; exit 2 when one is wrong.", RunAsync, Sample, Markdown);

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parsed.GetValue(Sample)) return Print(SettingsDocument.Sample());
        if (context.Parsed.GetValue(Markdown)) return Print(SettingsDocument.Markdown());

        var rows = SettingsCatalog.All.Select(setting => Row.Of(setting, context.Source.Find(setting.Name))).ToList();
        var settings = DeepSightSettings.Load(context.Source);

        string[] warnings = [.. settings.Warnings.Append(settings.Backup.DirectoryWarning).OfType<string>()];
        context.Terminal.Object(new SettingsJson(rows, settings.Errors, warnings));
        var table = PlainTable.With("SETTING", "VALUE", "FROM", "MEANING");
        foreach (var row in rows) table.AddRow(Plain(row.Name), Plain(row.Value ?? "—"), Plain(row.Origin), Plain(row.Meaning));
        context.Terminal.Show(table);

        foreach (var warning in warnings) context.Terminal.Attention(warning);
        if (!context.Terminal.AsJson) settings.ThrowIfInvalid();
        return Task.FromResult(settings.Errors.Count == 0 ? ExitCodes.Done : (int)FailureKind.InvalidInput);

        static Text Plain(string text) => new(text);
    }

    private static Task<int> Print(string document)
    {
        Console.Out.Write(document);
        return Task.FromResult(ExitCodes.Done);
    }

    internal sealed record Row(string Name, string? Value, string Origin, string Meaning)
    {
        public static Row Of(SettingDescription setting, (string Value, string Origin)? found) => new(
            setting.Name,
            found is null ? setting.DefaultText ?? setting.Default as string : setting.Shown(found.Value.Value),
            found?.Origin ?? "default",
            setting.Meaning);
    }
}

/// <summary><c>settings</c>.</summary>
internal sealed record SettingsJson(IReadOnlyList<SettingsCommand.Row> Settings, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings);
