using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DeepSight.Core.Runs;

/// <summary>
/// Sends traces and metrics by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is in the environment; the other standard variables
/// (<c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>…_HEADERS</c>, <c>OTEL_SERVICE_NAME</c>) count as well. Disposing sends the rest.
/// </summary>
public sealed class OtlpExport : IDisposable
{
    private readonly TracerProvider? traces;
    private readonly MeterProvider? metrics;

    public OtlpExport()
    {
        if (string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))) return;

        var resource = ResourceBuilder.CreateDefault().AddService("deepsight", serviceVersion: ToolVersion.Current).AddEnvironmentVariableDetector();
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(JobTelemetry.Name).AddOtlpExporter().Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(JobTelemetry.Name).AddOtlpExporter().Build();
    }

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
    }
}
