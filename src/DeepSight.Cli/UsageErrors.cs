using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using DeepSight.Core;
using DeepSight.Core.Settings;

namespace DeepSight.Cli;

/// <summary>What is wrong with a command line, and what was probably meant.</summary>
internal static partial class UsageErrors
{
    /// <exception cref="DeepSightException">It can't be run as it was typed.</exception>
    public static void ThrowIfAny(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (!command.TreatUnmatchedTokensAsErrors) return;

        // The parser takes a misspelt option for an argument where one may stand: "restore --lates" would look for a backup of that name.
        var option = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && LooksLikeOption().IsMatch(token.Value))?.Value
            ?? parsed.UnmatchedTokens.FirstOrDefault(token => LooksLikeOption().IsMatch(token));
        if (option is not null) throw Wrong(parsed, $"'{option}' is no option of {Quoted(parsed)}", Nearest(option, OptionsOf(parsed.CommandResult)));
        // Before --help, which would otherwise be that of another command.
        if (parsed.UnmatchedTokens is [var word, ..])
            throw command.Subcommands.Count > 0
                ? Wrong(parsed, $"'{word}' is no command of {Quoted(parsed)}", Nearest(word, command.Subcommands.Where(known => !known.Hidden).SelectMany(NamesOf)))
                : Wrong(parsed, $"{Quoted(parsed)} takes no '{word}'", null);
        if (parsed.Errors is not [var error, ..]) return;

        throw parsed.CommandResult.Command.Subcommands.Count > 0
            ? Wrong(parsed, $"{Quoted(parsed)} needs a command", null)
            : Wrong(parsed, error.Message.TrimEnd('.'), null);
    }

    private static DeepSightException Wrong(ParseResult parsed, string what, string? meant) => new(FailureKind.InvalidInput,
        what + (meant is null ? "." : $"; did you mean {meant}?"), $"`{Path(parsed)} --help` shows what it takes.");

    private static string? Nearest(string typed, IEnumerable<string> known) => EditDistance.Nearest(typed.Split('=')[0], known);

    private static IEnumerable<string> OptionsOf(SymbolResult? result)
    {
        for (var isOwn = true; result is CommandResult level; (result, isOwn) = (level.Parent, false))
            foreach (var option in level.Command.Options.Where(option => isOwn || option.Recursive))
                foreach (var name in option.Aliases.Append(option.Name)) yield return name;
    }

    private static IEnumerable<string> NamesOf(Command command) => command.Aliases.Append(command.Name);

    private static string Quoted(ParseResult parsed) => $"`{Path(parsed)}`";

    private static string Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult) names.Insert(0, result.Command.Name);
        return string.Join(' ', names);
    }

    // Not -1, which is a step back in the history, and not a message that begins with dashes.
    [GeneratedRegex(@"\A--?[A-Za-z][A-Za-z0-9-]*(=.*)?\z", RegexOptions.Singleline)]
    private static partial Regex LooksLikeOption();
}
