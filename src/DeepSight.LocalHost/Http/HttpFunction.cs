using DeepSight.LocalHost.Worker;

namespace DeepSight.LocalHost.Http;

/// <summary>Who may call. User and System, which the real host has too, ask for the master key here.</summary>
internal enum AccessLevel
{
    Anonymous,
    Function,
    Admin,
}

/// <summary>A function and the requests that it answers.</summary>
/// <param name="Path">The route template with the prefix, such as <c>/api/runs/{id?}</c>.</param>
/// <param name="Methods">In upper case; null: any.</param>
internal sealed record HttpFunction(FunctionDescriptor Function, string Path, IReadOnlyList<string>? Methods, AccessLevel Level, bool IsDisabled)
{
    /// <summary>Whether it answers any of these methods (null: all) at that path.</summary>
    public bool Answers(string path, IReadOnlyList<string>? methods) =>
        Path.Equals(path, StringComparison.OrdinalIgnoreCase) && (Methods is null || methods is null || Methods.Intersect(methods).Any());
}
