using System.CommandLine;

namespace DeepSight.Cli.Commands;

/// <summary><c>--sessions</c> of backup and restore.</summary>
internal static class SessionsOption
{
    public static Option<int?> Of(string description) => new("--sessions")
    {
        Description = description,
        HelpName = "n",
        Validators = { result => { if (result.GetValueOrDefault<int?>() is < 1 or > 16) result.AddError("--sessions takes a number from 1 to 16."); } },
    };
}
