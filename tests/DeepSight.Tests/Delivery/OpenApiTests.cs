using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace DeepSight.Tests.Delivery;

/// <summary>docs/openapi.yaml against the functions and the host that runs them.</summary>
public sealed class OpenApiTests(PostgresServers servers) : IDisposable
{
    private const string FunctionKey = "a-function-key-of-some-length";
    private const string MasterKey = "a-master-key-of-some-length";

    /// <summary>The hosts' own; no function of ours.</summary>
    private const string Admin = "/admin/functions/{name}";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_file_is_valid_OpenAPI()
    {
        var read = await ReadAsync();

        Assert.Empty(read.Diagnostic!.Errors.Select(error => error.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(warning => warning.ToString()));
    }

    [Fact]
    public async Task Every_HTTP_function_is_in_the_file_with_its_methods_and_its_key_and_no_other()
    {
        var document = (await ReadAsync()).Document!;

        var described =
            from path in document.Paths
            where path.Key != Admin
            from operation in path.Value.Operations!
                // `security: [{}]` opens a single operation; all others need what the whole file asks for.
            let open = operation.Value.Security is { } own && own.All(requirement => requirement.Count == 0)
            select $"{operation.Key} {path.Key} {(open ? "anonymous" : "key")}";
        Assert.Equal(Implemented().Order(), described.Order());
    }

    [Fact]
    public async Task What_the_running_host_answers_fits_the_file()
    {
        var database = await servers.NewDatabaseAsync(18, "create table t as select n from generate_series(1, 10) n");
        await using var host = await HostProcess.StartAsync(Settings(database.Whole()));
        var document = (await ReadAsync()).Document!;

        await AnswersAsync(host, document, "GET", "/api/health/db", 200, key: null);
        await AnswersAsync(host, document, "POST", Admin, 202, "{}", MasterKey, "/admin/functions/Backup");
        var run = await EventuallyRunAsync(host);
        await AnswersAsync(host, document, "GET", "/api/health/backup", 200, key: null);
        await AnswersAsync(host, document, "GET", "/api/backups", 200);
        await AnswersAsync(host, document, "GET", "/api/backups", 400, path: "/api/backups?limit=many");
        await AnswersAsync(host, document, "GET", "/api/backups", 401, key: "wrong");
        await AnswersAsync(host, document, "GET", "/api/runs", 200);
        await AnswersAsync(host, document, "GET", "/api/runs", 400, path: "/api/runs?limit=many");
        await AnswersAsync(host, document, "GET", "/api/runs", 401, key: "wrong");
        await AnswersAsync(host, document, "GET", "/api/runs/{id}", 200, path: $"/api/runs/{run}");
        await AnswersAsync(host, document, "GET", "/api/runs/{id}", 404, path: "/api/runs/00000000");
        await AnswersAsync(host, document, "POST", "/api/restores", 202, """{"backup":"latest","mode":"into","into":"beside"}""");
        await AnswersAsync(host, document, "POST", "/api/restores", 400, """{"backup":"latest","target":"elsewhere:5432/app"}""");
        await AnswersAsync(host, document, "POST", "/api/restores", 401, """{"backup":"latest"}""", "wrong");
        await AnswersAsync(host, document, "POST", "/api/restores", 413, new string(' ', 70_000));
        await AnswersAsync(host, document, "GET", "/api/dashboard", 200, key: null);
        await AnswersAsync(host, document, "GET", "/api/dashboard/{file}", 200, key: null, path: "/api/dashboard/app.js");
        await AnswersAsync(host, document, "GET", "/api/dashboard/{file}", 404, key: null, path: "/api/dashboard/nothing.js");
        await AnswersAsync(host, document, "GET", "/api/overview", 200);
        await AnswersAsync(host, document, "GET", "/api/overview", 401, key: "wrong");
        await AnswersAsync(host, document, "GET", "/api/metrics", 200);
        await AnswersAsync(host, document, "GET", "/api/metrics", 401, key: "wrong");
        await AnswersAsync(host, document, "GET", "/api/migrations", 404);
        await AnswersAsync(host, document, "GET", "/api/poison", 200);
        await AnswersAsync(host, document, "POST", "/api/poison/{id}", 404, "{}", path: "/api/poison/none");
        await AnswersAsync(host, document, "DELETE", "/api/poison/{id}", 404, path: "/api/poison/none");
        var backup = await NewestAsync(host);
        await AnswersAsync(host, document, "GET", "/api/backups/{name}", 200, path: $"/api/backups/{backup}");
        await AnswersAsync(host, document, "GET", "/api/backups/{name}", 404, path: "/api/backups/none");
        await AnswersAsync(host, document, "POST", "/api/backups/{name}/pin", 200, path: $"/api/backups/{backup}/pin");
        await AnswersAsync(host, document, "DELETE", "/api/backups/{name}/pin", 200, path: $"/api/backups/{backup}/pin");
        await AnswersAsync(host, document, "DELETE", "/api/backups/{name}/pin", 404, path: "/api/backups/none/pin");
        await AnswersAsync(host, document, "GET", "/api/plan/retention", 200);
        await AnswersAsync(host, document, "GET", "/api/plan/restore", 200, path: $"/api/plan/restore?backup={backup}");
        await AnswersAsync(host, document, "GET", "/api/plan/restore", 400);
        await AnswersAsync(host, document, "GET", "/api/plan/restore", 404, path: "/api/plan/restore?backup=none");
        await AnswersAsync(host, document, "GET", "/api/plan/undo", 404);
        await AnswersAsync(host, document, "POST", "/api/backups", 202, "{}");
        await AnswersAsync(host, document, "POST", "/api/backups", 400, """{"backup":"latest"}""");
        await AnswersAsync(host, document, "POST", "/api/verifications", 400, "{}");
        await AnswersAsync(host, document, "POST", "/api/undos", 202, """{"previous":"app__before_0"}""");
        await AnswersAsync(host, document, "POST", "/api/undos", 400, "{}");
        await AnswersAsync(host, document, "POST", Admin, 401, "{}", "wrong", "/admin/functions/Backup");
        await AnswersAsync(host, document, "POST", Admin, 404, "{}", MasterKey, "/admin/functions/Nothing");
    }

    [Fact]
    public async Task What_it_answers_without_a_database_and_with_wrong_settings_fits_too()
    {
        var document = (await ReadAsync()).Document!;
        await using (var unreachable = await HostProcess.StartAsync(Settings("postgresql://app:secret@127.0.0.1:1/app")))
        {
            await AnswersAsync(unreachable, document, "GET", "/api/health/db", 503, key: null);
            await AnswersAsync(unreachable, document, "GET", "/api/health/backup", 503, key: null);
        }

        await using var wrong = await HostProcess.StartAsync(Settings("postgresql://app:secret@127.0.0.1:1/app").Append(new("BACKUP_COMPRESSION", "lz4")));
        await AnswersAsync(wrong, document, "GET", "/api/health/db", 503, key: null);
        await AnswersAsync(wrong, document, "GET", "/api/runs", 503);
        await AnswersAsync(wrong, document, "POST", "/api/restores", 503, """{"backup":"latest"}""");
    }

    private Dictionary<string, string> Settings(string database) => new()
    {
        ["DATABASE_URL"] = database,
        ["BACKUP_DIR"] = Path.Combine(folder.Path, "backups"),
        ["BACKUP_STORE"] = "local",
        ["DEEPSIGHT_FUNCTION_KEY"] = FunctionKey,
        ["DEEPSIGHT_MASTER_KEY"] = MasterKey,
        // Nothing of what is asked for here is to be done.
        ["AzureWebJobs__Restore__Disabled"] = "true",
        ["AzureWebJobs__RequestedJob__Disabled"] = "true",
    };

    private static IEnumerable<string> Implemented() =>
        from type in typeof(DeepSight.Functions.Health).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.IsDefined(typeof(FunctionAttribute))
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger is not null
        from verb in trigger.Methods!
            // A route with an optional end is two paths.
        from route in trigger.Route!.EndsWith("?}", StringComparison.Ordinal)
            ? new[] { trigger.Route[..trigger.Route.LastIndexOf('/')], trigger.Route.Replace("?", "", StringComparison.Ordinal) }
            : [trigger.Route]
        select $"{verb.ToUpperInvariant()} /api/{route} {(trigger.AuthLevel == AuthorizationLevel.Anonymous ? "anonymous" : "key")}";

    private static async Task<ReadResult> ReadAsync()
    {
        var settings = new OpenApiReaderSettings();
        settings.AddYamlReader();
        await using var file = File.OpenRead(Path.Combine(Clone.Root, "docs", "openapi.yaml"));
        return await OpenApiDocument.LoadAsync(file, "yaml", settings, Cancelled);
    }

    /// <summary>Asks, and holds status, content type and body against what the file says of that status.</summary>
    private static async Task AnswersAsync(HostProcess host, OpenApiDocument document, string method, string template, int status,
        string? body = null, string? key = FunctionKey, string? path = null)
    {
        var response = document.Paths[template].Operations![HttpMethod.Parse(method)].Responses![$"{status}"];
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path ?? template);
        if (key is not null) request.Headers.Add("x-functions-key", key);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var answer = await host.Http.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);

        Assert.True((int)answer.StatusCode == status, $"{method} {path ?? template}: {(int)answer.StatusCode} instead of {status}: {text}");
        foreach (var header in response.Headers?.Keys ?? [])
            Assert.True(answer.Headers.Contains(header), $"{header} is missing");
        if (response.Content is not { Count: > 0 } content) return;
        var (type, media) = Assert.Single(content);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        if (type.EndsWith("json", StringComparison.Ordinal)) Assert.Empty(OpenApiSchema.Disagreements(media.Schema!, JsonDocument.Parse(text).RootElement));
    }

    private static async Task<string> NewestAsync(HostProcess host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/backups");
        request.Headers.Add("x-functions-key", FunctionKey);
        using var answer = await host.Http.SendAsync(request, Cancelled);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("backups")[0].GetProperty("name").GetString()!;
    }

    /// <summary>The id of the backup that was started, when it is done.</summary>
    private static async Task<string> EventuallyRunAsync(HostProcess host)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs?job=backup");
            request.Headers.Add("x-functions-key", FunctionKey);
            using var answer = await host.Http.SendAsync(request, Cancelled);
            if (answer.StatusCode == HttpStatusCode.OK)
                foreach (var run in JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("runs").EnumerateArray())
                    if (run.GetProperty("status").GetString() == "succeeded") return run.GetProperty("id").GetString()!;

            await Task.Delay(100, Cancelled);
        }

        throw new InvalidOperationException("The backup did not succeed.");
    }
}
