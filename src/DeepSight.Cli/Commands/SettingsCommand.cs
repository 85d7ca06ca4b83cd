using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Settings;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight settings</c>: every setting with its value, where it came from and what it means.</summary>
internal static class SettingsCommand
{
    public static Command Define() => CommandContext.Command("settings",
        "List every setting with its value, where it came from and its meaning; exit 2 when one is wrong.", RunAsync);

    private static Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var rows = SettingsCatalog.All.Select(setting => Row.Of(setting, context.Source.Find(setting.Name))).ToList();
        var settings = DeepSightSettings.Load(context.Source);

        context.Terminal.Object(new { settings = rows, settings.Errors, settings.Warnings });
        var table = PlainTable.With("SETTING", "VALUE", "FROM", "MEANING");
        foreach (var row in rows) table.AddRow(Plain(row.Name), Plain(row.Value ?? "—"), Plain(row.Origin), Plain(row.Meaning));
        context.Terminal.Show(table);

        foreach (var warning in settings.Warnings) context.Terminal.Attention(warning);
        settings.ThrowIfInvalid();
        return Task.FromResult(ExitCodes.Done);

        static Text Plain(string text) => new(text);
    }

    private sealed record Row(string Name, string? Value, string Origin, string Meaning)
    {
        public static Row Of(SettingDescription setting, (string Value, string Origin)? found) => new(
            setting.Name,
            found is null ? Shown(setting.Default) : setting.Secret ? "(hidden)" : found.Value.Value,
            found?.Origin ?? "default",
            setting.Meaning);

        private static string? Shown(object? value) => value switch
        {
            null => null,
            bool flag => flag ? "true" : "false",
            Enum member => EnumNames.Of(member),
            IEnumerable<string> list => string.Join(",", list),
            _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
