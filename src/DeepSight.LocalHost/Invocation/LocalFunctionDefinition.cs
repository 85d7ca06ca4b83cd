using System.Collections.Immutable;
using DeepSight.LocalHost.Discovery;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Invocation;

internal sealed class LocalFunctionDefinition(FunctionDescriptor function) : FunctionDefinition
{
    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. function.Method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType))];

    public override string PathToAssembly => function.Method.Module.FullyQualifiedName;

    public override string EntryPoint => function.EntryPoint;

    /// <summary>Unique in the app and stable, which is all that is asked of it.</summary>
    public override string Id => function.Name;

    public override string Name => function.Name;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty.Add(function.TriggerParameter!.Name!,
            new LocalBindingMetadata(function.TriggerParameter.Name!, TriggerType(function), BindingDirection.In));

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } = Outputs(function);

    private static string TriggerType(FunctionDescriptor function) => function.Trigger switch
    {
        TimerTriggerAttribute => "timerTrigger",
        QueueTriggerAttribute => "queueTrigger",
        _ => "httpTrigger",
    };

    private static ImmutableDictionary<string, BindingMetadata> Outputs(FunctionDescriptor function)
    {
        var outputs = function.Outputs
            .Select(output => new LocalBindingMetadata(output.Property?.Name ?? "$return", "queue", BindingDirection.Out))
            .ToImmutableDictionary(output => output.Name, output => (BindingMetadata)output);
        if (function.Trigger is not HttpTriggerAttribute) return outputs;

        var response = function.HttpResult?.Name ?? "$return";
        return outputs.SetItem(response, new LocalBindingMetadata(response, "http", BindingDirection.Out));
    }
}
