namespace DeepSight.LocalHost.Invocation;

/// <summary>A function ran longer than host.json's <c>functionTimeout</c> and was cancelled.</summary>
/// <param name="ignored">It went on after its token had fired and the grace had passed, and is still running.</param>
internal sealed class FunctionTimeoutException(string function, TimeSpan timeout, bool ignored, Exception? inner)
    : Exception($"'{function}' was cancelled after its functionTimeout of {timeout:c}{(ignored ? " and ignored it" : "")}.", inner)
{
    public bool Ignored => ignored;
}
