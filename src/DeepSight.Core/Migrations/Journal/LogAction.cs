namespace DeepSight.Core.Migrations.Journal;

/// <summary>What <c>revision_log</c> calls what was done.</summary>
internal static class LogAction
{
    public const string Up = "up";
    public const string Down = "down";
    public const string Stamp = "stamp";
    public const string Unstamp = "unstamp";
    public const string Adopt = "adopt";
    public const string Rename = "rename";
}
