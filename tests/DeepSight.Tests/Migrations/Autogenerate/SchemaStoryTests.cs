using DeepSight.Cli.Quickstart;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>What docs/migrations.md shows first, typed word for word on the database of the quickstart.</summary>
public sealed class SchemaStoryTests(PostgresServers servers)
{
    [Fact]
    public async Task The_story_of_the_docs_leads_up_and_down()
    {
        var database = await servers.NewDatabaseAsync(18);
        await using (var connection = await database.OpenAsync())
            await SampleScript.RunFileAsync(connection, "sample-schema.sql", TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string> { ["DATABASE_URL"] = database.Whole(), ["VERIFY_DATABASE_URL"] = database.Whole() };
        var command = string.Join(' ', CommandProcess.Line().Select(part => $"'{part}'"));

        var told = (await CommandProcess.RunLineAsync(settings, "/bin/sh", "-e", "-c", $"deepsight() {{ {command} \"$@\"; }}\n{Story()}\ncat migrations/up/*end_at*")).EndedWith(0).Output;

        Assert.Contains("ALTER TABLE public.users ALTER COLUMN password_hash TYPE character varying(200)", told, StringComparison.Ordinal);
        Assert.Contains("1 script applied", told, StringComparison.Ordinal);
        Assert.Contains("1 script undone", told, StringComparison.Ordinal);
        Assert.Equal("text", await database.AskAsync<string>("select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'users'::regclass and attname = 'password_hash'"));
    }

    private static string Story()
    {
        var docs = File.ReadAllText(Path.Combine(Clone.Root, "docs/migrations.md"));
        var begin = docs.IndexOf("mkdir -p migrations\n", StringComparison.Ordinal);
        return docs[begin..docs.IndexOf("```", begin, StringComparison.Ordinal)];
    }
}
