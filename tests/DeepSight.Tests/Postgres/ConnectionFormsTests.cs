using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;
using Npgsql;

namespace DeepSight.Tests.Postgres;

/// <summary>Forms of a connection as psql and Npgsql read them: the same session by ours, or a refusal that names the part.</summary>
public sealed class ConnectionFormsTests(PostgresServers servers)
{
    private const string Session = "select concat_ws(' ', current_user, current_database(), inet_server_port(), current_setting('search_path'))";

    /// <summary><c>{0}</c> is the host, <c>{1}</c> the port, <c>{2}</c> the user, <c>{3}</c> the password, <c>{4}</c> the database.</summary>
    public static TheoryData<string> Urls =>
    [
        "postgresql://{2}:{3}@{0}:{1}/{4}", "postgres://{2}:{3}@{0}:{1}/{4}?application_name=x", "postgresql://{0}:{1}/{4}?user={2}&password={3}",
        "postgresql:///{4}?host={0}&port={1}&user={2}&password={3}", "postgresql://{2}:{3}@{0}:{1}/?dbname={4}", "postgresql://{2}:{3}@nowhere:{1}/{4}?host={0}",
        "postgresql://{2}:{3}@{0}:1/{4}?port={1}", "postgresql://{2}:{3}@nowhere:{1}/{4}?hostaddr=127.0.0.1", "postgresql://{2}:{3}@{0}:{1}/{4}?options=-c%20search_path%3Dapp",
        "postgresql://{2}:{3}@{0}:{1}/{4}?options=-csearch_path%3Dapp%2Cpublic", "postgresql://{2}:{3}@{0}:{1}/{4}?port=", "postgresql://{2}:{3}@{0}:{1}/{4}?sslmode=",
        "postgresql:///{4}?host={0}:{1}&user={2}&password={3}", "postgresql://{2}:{3}@{0}:{1}/{4}?search_path=app", "postgresql://{2}:{3}@{0}:{1}/{4}?target_session_attrs=read-write",
        "postgresql://{2}:{3}@{0},{0}:{1},{1}/{4}", "postgresql://{2}:{3}@{0}:{1}/{4}?service=x", "postgresql://{2}:{3}@{0}:{1}/x?dbname={4}",
    ];

    public static TheoryData<string> Keywords =>
    [
        "Host={0};Port={1};Username={2};Password={3};Database={4}", "Server={0};Port={1};User Id={2};Password={3};Database={4}", "Host={0}:{1};Username={2};Password={3};Database={4}",
        "Host={0};Port={1};Username={2};Password={3};Database={4};Search Path=app", "Host={0};Port={1};Username={2};Password={3};Database={4};SearchPath='app, public'",
        "Host={0};Port={1};Username={2};Password={3};Database={4};Options=-c search_path=app", "Host={0}:{1};Port=1;Username={2};Password={3};Database={4}",
        "Host={0};Port={1};Username={2};Password={3};Database={4};Search Path='\"Odd Name\"'", "Host={0},{0};Port={1};Username={2};Password={3};Database={4}",
        "Host={0};Port={1};Username={2};Password={3};Database={4};Options=-c work_mem=5MB;Search Path=app",
    ];

    [Theory]
    [MemberData(nameof(Urls))]
    public async Task A_url_is_read_as_psql_reads_it(string form)
    {
        var (text, ours) = await OursAsync(form);
        if (ours is null) return;

        using var clients = new PostgresClients(new DatabaseSettings());
        var command = (await clients.ForPsqlAsync(new PostgresVersion(17, 0), CancellationToken.None)).Command("psql");
        var start = new System.Diagnostics.ProcessStartInfo(command.Program, [.. command.Arguments, "-XAtqc", Session, text]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in command.Environment) start.Environment[name] = value;
        using var psql = System.Diagnostics.Process.Start(start)!;
        Assert.Equal((await psql.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim(), ours);
    }

    [Theory]
    [MemberData(nameof(Keywords))]
    public async Task A_connection_string_is_read_as_Npgsql_reads_it(string form)
    {
        var (text, ours) = await OursAsync(form);
        if (ours is null) return;

        await using var connection = new NpgsqlConnection(text + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal(await connection.AskAsync<string>(Session), ours);
    }

    /// <returns>What the session of ours says, by Npgsql and by psql alike; null for a refusal.</returns>
    private async Task<(string Text, string? Session)> OursAsync(string form)
    {
        var server = (await servers.GetAsync(17)).Url;
        var text = string.Format(null, form, server.Host, server.Port, server.User, server.Password, server.Database);
        DatabaseUrl url;
        try
        {
            url = DatabaseUrl.Parse(text, "DATABASE_URL");
        }
        catch (DeepSightException e)
        {
            Assert.Equal((FailureKind.InvalidInput, true), (e.Kind, e.Hint is not null));
            return (text, null);
        }

        var session = await url.AskAsync<string>(Session);
        using var clients = new PostgresClients(new DatabaseSettings());
        await using var psql = PostgresTools.StartPsql(url, await clients.ForPsqlAsync(new PostgresVersion(17, 0), CancellationToken.None), new PsqlOptions(), CancellationToken.None);
        await psql.Input.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"\\pset tuples_only\n\\pset format unaligned\n{Session};\n"), CancellationToken.None);
        await psql.Input.DisposeAsync();
        using var reader = new StreamReader(psql.Output);
        Assert.Equal(session, (await reader.ReadToEndAsync(CancellationToken.None)).Trim().Split('\n')[^1]);
        return (text, session);
    }
}
