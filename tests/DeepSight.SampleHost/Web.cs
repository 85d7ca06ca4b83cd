using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.SampleHost;

/// <summary>Says which process answers, or ends it.</summary>
public static class Web
{
    [Function("Web")]
    public static async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "web/{what}")] HttpRequest request, string what)
    {
        switch (what)
        {
            case "exit":
                Environment.Exit(0);
                break;
            case "throw":
                throw new InvalidOperationException("before its answer");
            case "throw-late":
                await request.HttpContext.Response.WriteAsync(new string('x', 100_000));
                throw new InvalidOperationException("in the middle of its answer");
            case "noise":
                for (var line = 0; line < 100_000; line++) await Console.Error.WriteLineAsync(new string('n', 100));
                break;
            case "length":
                var length = 0L;
                var block = new byte[1 << 16];
                for (int read; (read = await request.Body.ReadAsync(block)) > 0;) length += read;
                return TypedResults.Text($"{length}");
            case "headers":
                return TypedResults.Text($"{request.Headers["x-forwarded-for"]} {request.Headers["x-ms-invocation-id"]}");
        }

        return TypedResults.Text($"{Environment.ProcessId}");
    }
}
