using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>The user's own Alembic at work in scratch databases: <c>recorder.py</c>, and what it answers.</summary>
internal sealed partial class AlembicRecorder : IAsyncDisposable
{
    private readonly ToolProcess process;
    private readonly StreamReader answers;
    private readonly IReadOnlyList<string> secrets;

    private AlembicRecorder(ToolProcess process, IReadOnlyList<string> secrets)
    {
        this.process = process;
        this.secrets = secrets;
        answers = new StreamReader(process.Output);
    }

    public IReadOnlyList<AlembicRevision> History { get; private set; } = [];

    /// <summary>Starts it and reads the history; nothing is run yet.</summary>
    /// <param name="server">Any database of the server where the scratch databases are.</param>
    /// <exception cref="DeepSightException">Alembic isn't there, or can't read its own files.</exception>
    public static async Task<AlembicRecorder> StartAsync(AlembicSource source, DatabaseUrl server, CancellationToken cancellationToken)
    {
        var secrets = server.Secrets();
        var recorder = new AlembicRecorder(ToolProcess.Start(new ToolCommand
        {
            Name = "Alembic",
            Program = source.Python,
            Arguments = ["-B", "-c", await ScriptAsync(cancellationToken), source.Ini ?? "", source.ScriptLocation ?? ""],
            Environment = EnvironmentFor(server),
            WorkingDirectory = source.WorkingDirectory,
            Secrets = secrets,
            WithInput = true,
        }, cancellationToken), secrets);
        try
        {
            var first = await recorder.ReadAsync(cancellationToken);
            if (first.Missing is { } missing)
                throw new DeepSightException(FailureKind.InvalidInput,
                    $"Alembic runs the revisions, and {source.Python} can't import it: {missing}.",
                    $"install it there (`{source.Python} -m pip install alembic psycopg2-binary`), or name the Python that has it: "
                    + "--python .venv/bin/python.");
            if (first.Error is { } error)
                throw new DeepSightException(FailureKind.InvalidInput, $"Alembic can't read its revisions: {error}.",
                    "mend it until `alembic history` works.");

            recorder.History = first.History;
            return recorder;
        }
        catch
        {
            await recorder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one revision's way up or down in a scratch database.</summary>
    /// <returns>What it sent, or why it failed.</returns>
    public async Task<AlembicAnswer> RunAsync(bool up, string revision, string database, CancellationToken cancellationToken)
    {
        try
        {
            await process.Input.WriteAsync(Encoding.UTF8.GetBytes($"{(up ? "up" : "down")} {revision} {database}\n"), cancellationToken);
            await process.Input.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // It has ended; reading its answer tells why.
        }

        return await ReadAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private async Task<AlembicAnswer> ReadAsync(CancellationToken cancellationToken)
    {
        if (await answers.ReadLineAsync(cancellationToken) is not { } line)
        {
            await process.WaitForSuccessAsync();
            throw new DeepSightException(FailureKind.Failed, "Alembic's process ended before its work was done.",
                "env.py or a revision must not end the process (os._exit, exec).");
        }

        try
        {
            var answer = Json.Read<AlembicAnswer>(Encoding.UTF8.GetBytes(line)) ?? throw new JsonException("null");
            return answer with { Error = answer.Error is { } error ? WithoutSecrets(error.TrimEnd('.')) : null };
        }
        catch (JsonException e)
        {
            throw new DeepSightException(FailureKind.Failed, $"The answer of Alembic's process is not understood: {e.Message}",
                "nothing but the recorder may write to file descriptors that it did not open.", e);
        }
    }

    private string WithoutSecrets(string text) =>
        secrets.Aggregate(text, (left, secret) => left.Replace(secret, "***", StringComparison.Ordinal));

    /// <summary>
    /// Ours, since env.py may need the program's settings; but every URL of a database in it leads nowhere, and PG* to the scratch
    /// databases' server: what comes past the recorder reaches no other one.
    /// </summary>
    private static Dictionary<string, string> EnvironmentFor(DatabaseUrl server)
    {
        const string nowhere = "://deepsight@localhost:1/scratch";
        var environment = new Dictionary<string, string> { ["DATABASE_URL"] = "postgresql" + nowhere };
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value ?? "");
            if (name.StartsWith("PG", StringComparison.Ordinal)) continue;
            if (Scheme().Match(value) is { Success: true } scheme) environment[name] = scheme.Groups[1].Value + nowhere;
            else environment.TryAdd(name, value);
        }

        foreach (var (name, value) in server.ToLibpqEnvironment("deepsight migrate")) environment[name] = value;
        // As psql runs the files afterwards: with the time zone that the role or the database has.
        environment.Remove("PGTZ");
        return environment;
    }

    private static async Task<string> ScriptAsync(CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(typeof(AlembicRecorder).Assembly.GetManifestResourceStream("recorder.py")!);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    [GeneratedRegex(@"\A\s*(postgres(?:ql)?(?:\+\w+)?)://")]
    private static partial Regex Scheme();
}
