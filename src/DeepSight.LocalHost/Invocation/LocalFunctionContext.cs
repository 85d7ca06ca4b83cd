using System.Diagnostics;
using DeepSight.LocalHost.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Invocation;

/// <summary>One invocation, as the function sees it.</summary>
internal sealed class LocalFunctionContext : FunctionContext
{
    public LocalFunctionContext(
        FunctionDescriptor function, TriggerInput input, RetryContext retry, IServiceProvider services, CancellationToken cancellationToken)
    {
        FunctionDefinition = new LocalFunctionDefinition(function);
        BindingContext = new LocalBindingContext(input.BindingData);
        RetryContext = retry;
        InstanceServices = services;
        CancellationToken = cancellationToken;
        if (input.HttpContext is { } http) Items[typeof(HttpContext)] = http;
    }

    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => FunctionDefinition.Id;

    public override TraceContext TraceContext { get; } = new LocalTraceContext(Activity.Current);

    public override BindingContext BindingContext { get; }

    public override RetryContext RetryContext { get; }

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition { get; }

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new LocalInvocationFeatures();

    public override CancellationToken CancellationToken { get; }
}
