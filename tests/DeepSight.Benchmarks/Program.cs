using System.CommandLine;
using DeepSight.Benchmarks;
using DeepSight.Core;

var names = new Argument<string[]>("name")
{
    Description = $"Which to run: {string.Join(", ", Benchmarks.All.Keys)}. Default: all but memory, which takes a database of 4 GB, and retention, which takes an S3 server.",
    DefaultValueFactory = _ => [.. Benchmarks.All.Keys.Except(["memory", "retention"])],
}.AcceptOnlyFromAmong([.. Benchmarks.All.Keys]);
var repetitions = new Option<int>("--repetitions", "-n") { Description = "Runs of each side, in turns.", DefaultValueFactory = _ => 5 };
var command = new RootCommand("Measures ratios against a peer in the same run. Exit code 1 when a bound is missed.") { names, repetitions };
command.SetAction(async (parsed, cancellationToken) =>
{
    try
    {
        var met = true;
        Console.WriteLine(Machine.Describe());
        if (Machine.Disturbance() is { } warning) await Console.Error.WriteLineAsync(warning);
        foreach (var name in parsed.GetRequiredValue(names))
            met &= await Benchmarks.All[name](parsed.GetRequiredValue(repetitions), cancellationToken);
        return met ? 0 : 1;
    }
    catch (DeepSightException e)
    {
        await Console.Error.WriteLineAsync(e.Hint is null ? e.Message : $"{e.Message}\nHint: {e.Hint}");
        return (int)e.Kind;
    }
});

// For the tests, which measure an upload's memory in a process of its own.
var size = new Argument<int>("mebibytes");
var upload = new Command("s3-upload", "Uploads that much to TEST_S3_ENDPOINT, bucket TEST_S3_BUCKET; prints seconds and peak memory.") { size };
upload.SetAction((parsed, _) => UploadProbe.ToS3Async(parsed.GetRequiredValue(size)));
command.Subcommands.Add(upload);
var blobs = new Command("azure-upload", "The same to TEST_AZURE_CONNECTION, container TEST_AZURE_CONTAINER.") { size };
blobs.SetAction((parsed, _) => UploadProbe.ToAzureAsync(parsed.GetRequiredValue(size)));
command.Subcommands.Add(blobs);
return await command.Parse(args).InvokeAsync();
