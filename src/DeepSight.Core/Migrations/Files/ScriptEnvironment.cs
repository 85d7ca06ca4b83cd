namespace DeepSight.Core.Migrations.Files;

/// <summary>
/// Which files are for which environment, by RoundhousE's rule: a name with <c>.ENV.</c> in it runs only where it begins with an
/// environment's name and a dot, or has it between dots: <c>0003_users.ENV.TEST.sql</c>, <c>TEST.0003.ENV.sql</c>.
/// </summary>
internal static class ScriptEnvironment
{
    public static bool Includes(string fileName, IReadOnlyList<string> environments) =>
        !fileName.Contains(".env.", StringComparison.OrdinalIgnoreCase) || environments.Any(environment =>
            fileName.StartsWith(environment + ".", StringComparison.OrdinalIgnoreCase)
            || fileName.Contains("." + environment + ".", StringComparison.OrdinalIgnoreCase));

    /// <summary>A file of that name runs every time, wherever it lies.</summary>
    public static bool IsEveryTime(string fileName) =>
        fileName.StartsWith("everytime.", StringComparison.OrdinalIgnoreCase) || fileName.Contains(".everytime.", StringComparison.OrdinalIgnoreCase);
}
