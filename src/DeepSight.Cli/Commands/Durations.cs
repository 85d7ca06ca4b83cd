using System.CommandLine.Parsing;
using System.Globalization;

namespace DeepSight.Cli.Commands;

/// <summary>Durations as operators type them: <c>90m</c>, <c>12h</c>, <c>2d</c>.</summary>
internal static class Durations
{
    public static TimeSpan? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            switch (text[^1])
            {
                case 'm': return TimeSpan.FromMinutes(number);
                case 'h': return TimeSpan.FromHours(number);
                case 'd': return TimeSpan.FromDays(number);
            }

        argument.AddError($"'{text}' is not a duration: write 90m, 12h or 2d.");
        return null;
    }
}
