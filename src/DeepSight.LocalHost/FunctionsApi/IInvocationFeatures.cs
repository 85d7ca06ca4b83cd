namespace Microsoft.Azure.Functions.Worker;

/// <summary>Objects that accompany an invocation, by type.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    void Set<T>(T instance);

    /// <summary>The feature of that type, or the type's default.</summary>
    T? Get<T>();
}
