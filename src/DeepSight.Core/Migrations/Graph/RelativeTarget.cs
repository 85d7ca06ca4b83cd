using System.Globalization;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Migrations.Graph;

/// <summary>
/// A target as Alembic writes relative ones: <c>+2</c>, <c>-1</c>, <c>abcd-1</c>, <c>head-2</c>, <c>label@+1</c>,
/// <c>label@abcd+1</c>. Its pattern is Alembic's (<c>alembic/script/revision.py</c>), anchored at both ends.
/// </summary>
/// <param name="Branch">What stands before <c>@</c>: a label or a revision.</param>
/// <param name="Start">Where to count from; null: from where the database is.</param>
/// <param name="Written">The steps as written, with their sign.</param>
internal sealed partial record RelativeTarget(string? Branch, string? Start, string Written)
{
    public int Steps { get; } = int.Parse(Written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    public static RelativeTarget? TryParse(string target)
    {
        var match = Pattern().Match(target);
        if (!match.Success) return null;

        return new RelativeTarget(Text(match.Groups[1]), Text(match.Groups[2]), match.Groups[3].Value);

        static string? Text(Group group) => group.Success ? group.Value : null;
    }

    public DeepSightException TooFar() => new(FailureKind.InvalidInput,
        $"Relative revision {Written} didn't produce {Math.Abs(Steps)} migrations.",
        "`deepsight migrate history` shows how far it goes.");

    [GeneratedRegex(@"\A(?:(.+?)@)?([\w.]+)?([+-][0-9]{1,6})\z")]
    private static partial Regex Pattern();
}
