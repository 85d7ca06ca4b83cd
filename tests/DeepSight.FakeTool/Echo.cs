using System.Collections;
using System.Text.Json;

namespace DeepSight.FakeTool;

/// <summary>Tells what it was given.</summary>
internal static class Echo
{
    /// <summary>Arguments and environment as JSON.</summary>
    public static int Surroundings(string[] arguments)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);
        Console.WriteLine(JsonSerializer.Serialize(new { arguments, environment }));
        return 0;
    }

    public static async Task<int> CountInputAsync()
    {
        await using var input = Console.OpenStandardInput();
        var counted = 0L;
        var buffer = new byte[64 * 1024];
        for (int read; (read = await input.ReadAsync(buffer)) > 0;) counted += read;
        Console.WriteLine(counted);
        return 0;
    }
}
