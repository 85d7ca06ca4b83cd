using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DeepSight.SampleHost;

/// <summary>Writes what it does to the file SAMPLE_LOG; while the file SAMPLE_HOLD exists it does not end, and with SAMPLE_DEAF not even when cancelled.</summary>
public sealed class Work(IConfiguration settings)
{
    [Function("Work")]
    public async Task Run([QueueTrigger("work")] string message, FunctionContext context, CancellationToken cancellationToken)
    {
        await NoteAsync($"start {message} {context.BindingContext.BindingData["DequeueCount"]}");
        while (File.Exists(settings["SAMPLE_HOLD"]))
            await Task.Delay(20, settings["SAMPLE_DEAF"] is null ? cancellationToken : CancellationToken.None);

        await NoteAsync($"end {message}");
    }

    private Task NoteAsync(string line) => File.AppendAllTextAsync(settings["SAMPLE_LOG"]!, line + "\n");
}
