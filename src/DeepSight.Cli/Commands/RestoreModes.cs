using System.CommandLine.Parsing;
using DeepSight.Core.Restore;
using DeepSight.Core.Settings;

namespace DeepSight.Cli.Commands;

/// <summary>The modes as they are typed.</summary>
internal static class RestoreModes
{
    public static RestoreMode? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        foreach (var mode in Enum.GetValues<RestoreMode>())
            if (string.Equals(EnumNames.Of(mode), text, StringComparison.OrdinalIgnoreCase)) return mode;

        argument.AddError($"'{text}' is no mode of restore: swap, in-place or into.");
        return null;
    }
}
