using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DeepSight.SampleHost;

/// <summary>A timer that writes to the file SAMPLE_LOG and does not end while the file SAMPLE_HOLD exists.</summary>
public sealed class Tick(IConfiguration settings)
{
    [Function("Tick")]
    public async Task Run([TimerTrigger("0 0 3 * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        await File.AppendAllTextAsync(settings["SAMPLE_LOG"]!, timer.IsPastDue ? "tick late\n" : "tick\n", cancellationToken);
        while (File.Exists(settings["SAMPLE_HOLD"])) await Task.Delay(20, cancellationToken);

        await File.AppendAllTextAsync(settings["SAMPLE_LOG"]!, "tock\n", cancellationToken);
    }
}
