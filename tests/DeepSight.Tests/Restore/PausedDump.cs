using System.Text;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;
using Npgsql;

namespace DeepSight.Tests.Restore;

/// <summary>A dump that loads everything and then pauses for as long as a role of the server exists, which every database sees.</summary>
internal sealed class PausedDump
{
    private readonly string role = "pause_" + Guid.NewGuid().ToString("n")[..12];
    private readonly DatabaseUrl server;

    private PausedDump(DatabaseUrl server, string sql)
    {
        this.server = server;
        // In statements that pg_dump writes; what they make is dropped again.
        var pause = $"""
            CREATE FUNCTION public.{role}() RETURNS integer LANGUAGE plpgsql AS $pause$
            BEGIN WHILE EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}') LOOP PERFORM pg_catalog.pg_sleep(0.02); END LOOP; RETURN 1; END $pause$;
            CREATE MATERIALIZED VIEW public.{role}_view AS SELECT public.{role}() WITH NO DATA;
            REFRESH MATERIALIZED VIEW public.{role}_view;
            DROP MATERIALIZED VIEW public.{role}_view;
            DROP FUNCTION public.{role}();


            """;
        Sql = Encoding.UTF8.GetBytes(sql.Insert(sql.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal), pause));
    }

    public byte[] Sql { get; }

    /// <summary>Of the database as it is; the pause is on.</summary>
    public static async Task<PausedDump> OfAsync(DatabaseUrl database)
    {
        var dump = new PausedDump(database.WithDatabase("postgres"), Encoding.UTF8.GetString(await DumpFiles.MakeAsync(database)));
        await dump.server.ExecuteAsync($"create role {dump.role}");
        return dump;
    }

    /// <summary>Waits until a load is in the pause.</summary>
    /// <param name="but">Of another load, which doesn't count.</param>
    /// <returns>The server process that loads.</returns>
    public async Task<int> ReachedAsync(int but = 0)
    {
        await using var connection = await server.OpenAsync();
        var pid = 0;
        await Eventually.HoldsAsync(async () => (pid = await LoadingAsync(connection, but)) > 0, () => "The load did not get to its pause.");
        return pid;
    }

    public Task EndAsync() => server.ExecuteAsync($"drop role {role}");

    private Task<int> LoadingAsync(NpgsqlConnection connection, int but) => connection.AskAsync<int>(
        $"select coalesce(max(pid), 0) from pg_stat_activity where state = 'active' and pid not in ({but}, pg_backend_pid()) and query like '%{role}%'");
}
