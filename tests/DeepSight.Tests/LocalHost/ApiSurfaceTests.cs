using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Tests.LocalHost;

/// <summary>
/// The slice of the official worker's API, name by name and signature by signature, so that what compiles here compiles there.
/// The official assemblies are absent from partial feeds, so this table stands in for them.
/// </summary>
public sealed class ApiSurfaceTests
{
    private const string Table = """
        enum Microsoft.Azure.Functions.Worker.AuthorizationLevel
          Anonymous = 0
          User = 1
          Function = 2
          System = 3
          Admin = 4
        abstract class Microsoft.Azure.Functions.Worker.BindingContext
          abstract IReadOnlyDictionary<string, object> BindingData { get; }
        enum Microsoft.Azure.Functions.Worker.BindingDirection
          In = 0
          Out = 1
        abstract class Microsoft.Azure.Functions.Worker.BindingMetadata
          abstract BindingDirection Direction { get; }
          abstract string Name { get; }
          abstract string Type { get; }
        class Microsoft.Azure.Functions.Worker.Builder.FunctionsApplication
          ()
          static FunctionsApplicationBuilder CreateBuilder(string[] args)
        class Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder : IHostApplicationBuilder
          ConfigurationManager Configuration { get; }
          IDictionary<object, object> Properties { get; }
          IHost Build()
          IHostEnvironment Environment { get; }
          ILoggingBuilder Logging { get; }
          IMetricsBuilder Metrics { get; }
          IServiceCollection Services { get; }
          void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder> configure = null)
        static class Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilderAspNetCoreExtensions
          static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
        sealed class Microsoft.Azure.Functions.Worker.ExponentialBackoffRetryAttribute : RetryAttribute
          (int maxRetryCount, string minimumInterval, string maximumInterval)
          string MaximumInterval { get; }
          string MinimumInterval { get; }
        abstract class Microsoft.Azure.Functions.Worker.Extensions.Abstractions.BindingAttribute : Attribute
        abstract class Microsoft.Azure.Functions.Worker.Extensions.Abstractions.OutputBindingAttribute : BindingAttribute
        abstract class Microsoft.Azure.Functions.Worker.Extensions.Abstractions.TriggerBindingAttribute : BindingAttribute
        sealed class Microsoft.Azure.Functions.Worker.FixedDelayRetryAttribute : RetryAttribute
          (int maxRetryCount, string delayInterval)
          string DelayInterval { get; }
        class Microsoft.Azure.Functions.Worker.FunctionAttribute : Attribute
          (string name)
          string Name { get; }
        abstract class Microsoft.Azure.Functions.Worker.FunctionContext
          abstract BindingContext BindingContext { get; }
          abstract FunctionDefinition FunctionDefinition { get; }
          abstract IDictionary<object, object> Items { get; set; }
          abstract IInvocationFeatures Features { get; }
          abstract IServiceProvider InstanceServices { get; set; }
          abstract RetryContext RetryContext { get; }
          abstract TraceContext TraceContext { get; }
          abstract string FunctionId { get; }
          abstract string InvocationId { get; }
          virtual CancellationToken CancellationToken { get; }
        static class Microsoft.Azure.Functions.Worker.FunctionContextExtensions
          static HttpContext? GetHttpContext(this FunctionContext context)
        abstract class Microsoft.Azure.Functions.Worker.FunctionDefinition
          abstract IImmutableDictionary<string, BindingMetadata> InputBindings { get; }
          abstract IImmutableDictionary<string, BindingMetadata> OutputBindings { get; }
          abstract ImmutableArray<FunctionParameter> Parameters { get; }
          abstract string EntryPoint { get; }
          abstract string Id { get; }
          abstract string Name { get; }
          abstract string PathToAssembly { get; }
        class Microsoft.Azure.Functions.Worker.FunctionParameter
          (string name, Type type)
          Type Type { get; }
          string Name { get; }
        sealed class Microsoft.Azure.Functions.Worker.HttpResultAttribute : OutputBindingAttribute
          ()
        sealed class Microsoft.Azure.Functions.Worker.HttpTriggerAttribute : TriggerBindingAttribute
          ()
          (AuthorizationLevel authLevel)
          (AuthorizationLevel authLevel, params string[] methods)
          (params string[] methods)
          AuthorizationLevel AuthLevel { get; }
          string? Route { get; set; }
          string[]? Methods { get; }
        interface Microsoft.Azure.Functions.Worker.IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
          T? Get<T>()
          void Set<T>(T instance)
        sealed class Microsoft.Azure.Functions.Worker.QueueOutputAttribute : OutputBindingAttribute
          (string queueName)
          string QueueName { get; }
          string? Connection { get; set; }
        sealed class Microsoft.Azure.Functions.Worker.QueueTriggerAttribute : TriggerBindingAttribute
          (string queueName)
          string QueueName { get; }
          string? Connection { get; set; }
        abstract class Microsoft.Azure.Functions.Worker.RetryAttribute : Attribute
          int MaxRetryCount { get; set; }
        abstract class Microsoft.Azure.Functions.Worker.RetryContext
          abstract int MaxRetryCount { get; }
          abstract int RetryCount { get; }
        class Microsoft.Azure.Functions.Worker.ScheduleStatus
          ()
          DateTime Last { get; set; }
          DateTime LastUpdated { get; set; }
          DateTime Next { get; set; }
        class Microsoft.Azure.Functions.Worker.TimerInfo
          ()
          ScheduleStatus? ScheduleStatus { get; set; }
          bool IsPastDue { get; set; }
        sealed class Microsoft.Azure.Functions.Worker.TimerTriggerAttribute : TriggerBindingAttribute
          (string schedule)
          bool RunOnStartup { get; set; }
          bool UseMonitor { get; set; }
          string Schedule { get; }
        abstract class Microsoft.Azure.Functions.Worker.TraceContext
          abstract string TraceParent { get; }
          abstract string TraceState { get; }
        """;

    [Fact]
    public void The_public_surface_is_the_official_workers_and_nothing_more() =>
        Assert.Equal(Table.ReplaceLineEndings("\n"), string.Join('\n', PublicSurface()));

    private static IEnumerable<string> PublicSurface() => typeof(FunctionAttribute).Assembly.GetExportedTypes()
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .SelectMany(type => Members(type).Prepend(Head(type)));

    private static string Head(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface"
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        var bases = new[] { type.BaseType }.Concat(type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []))
            .Where(parent => parent is not null && parent != typeof(object) && !type.IsEnum && parent.Name is not "IEnumerable")
            .Select(parent => Name(parent!)).ToList();
        return $"{kind} {type.FullName}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum) return Enum.GetNames(type).Select(name => $"  {name} = {(int)Enum.Parse(type, name)}");

        var constructors = type.GetConstructors(all).Where(c => c.IsPublic).Select(c => $"  ({Parameters(c)})");
        var properties = type.GetProperties(all).Where(p => p.GetMethod is { IsPublic: true }).Select(Property);
        var methods = type.GetMethods(all).Where(m => m is { IsPublic: true, IsSpecialName: false }).Select(Method);
        return constructors.Order(StringComparer.Ordinal).Concat(properties.Concat(methods).Order(StringComparer.Ordinal));
    }

    private static string Property(PropertyInfo property)
    {
        var modifier = property.DeclaringType!.IsInterface ? "" : property.GetMethod! switch { { IsAbstract: true } => "abstract ", { IsVirtual: true, IsFinal: false } => "virtual ", _ => "" };
        var nullable = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable && !property.PropertyType.IsValueType ? "?" : "";
        return $"  {modifier}{Name(property.PropertyType)}{nullable} {property.Name} {{ get;{(property.SetMethod is { IsPublic: true } ? " set;" : "")} }}";
    }

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        var nullable = new NullabilityInfoContext().Create(method.ReturnParameter).ReadState == NullabilityState.Nullable ? "?" : "";
        return $"  {(method.IsStatic ? "static " : "")}{Name(method.ReturnType)}{nullable} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        (parameter.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute)) || (parameter.Position == 0 && method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute))) ? "this " : "")
        + (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")
        + $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = null" : "")}"));

    private static string Name(Type type) =>
        type == typeof(string) ? "string" : type == typeof(int) ? "int" : type == typeof(bool) ? "bool" : type == typeof(object) ? "object" : type == typeof(void) ? "void"
        : type.IsArray ? $"{Name(type.GetElementType()!)}[]"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
