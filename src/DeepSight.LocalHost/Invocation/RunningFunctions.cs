using System.Collections.Concurrent;

namespace DeepSight.LocalHost.Invocation;

/// <summary>The functions that run at this moment, so that a stopping host can say what it waits for.</summary>
internal sealed class RunningFunctions
{
    private readonly ConcurrentDictionary<object, string> names = new();

    public IReadOnlyList<string> Names => [.. names.Values.Order(StringComparer.Ordinal)];

    /// <summary>Disposing takes it off again.</summary>
    public IDisposable Add(string name)
    {
        var mark = new Mark(this);
        names[mark] = name;
        return mark;
    }

    private sealed class Mark(RunningFunctions owner) : IDisposable
    {
        public void Dispose() => owner.names.TryRemove(this, out _);
    }
}
