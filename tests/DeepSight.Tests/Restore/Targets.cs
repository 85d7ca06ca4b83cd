using System.Globalization;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Databases that several tests restore over.</summary>
internal static class Targets
{
    /// <summary>One that an ordinary role owns with all that is in it.</summary>
    public static async Task<(DatabaseUrl Super, DatabaseUrl Owner)> NewOwnedAsync(this PostgresServers servers, string attributes)
    {
        var role = "o" + Guid.NewGuid().ToString("n")[..8];
        var target = await servers.NewDatabaseAsync(17);
        await target.ExecuteAsync($"create role {role} login password 'ordinary' {attributes}; alter database {target.Database} owner to {role}");
        var owner = DatabaseUrl.Parse(string.Create(CultureInfo.InvariantCulture, $"postgresql://{role}:ordinary@{target.Server}/{target.Database}"), "test");
        await owner.ExecuteAsync(DumpFiles.Sample);
        return (target, owner);
    }

    /// <summary>One with the sample and a name that has to be quoted.</summary>
    public static async Task<DatabaseUrl> NewNamedAsync(this PostgresServers servers, string name)
    {
        var server = await servers.GetAsync(17);
        await server.Url.ExecuteAsync($"create database \"{name}\"");
        var target = server.Url.WithDatabase(name);
        await target.ExecuteAsync(DumpFiles.Sample);
        return target;
    }

    /// <summary>Thousands in the full matrix; a transaction for each 200, for the sake of locks.</summary>
    public static async Task<int> AddTablesAsync(DatabaseUrl target)
    {
        var count = Matrix.IsFull ? 5000 : 400;
        for (var from = 0; from < count; from += 200)
            await target.ExecuteAsync($"do $$ begin for i in {from + 1}..{Math.Min(from + 200, count)} loop execute format('create table t%s (id int primary key, note text)', i); end loop; end $$");
        await target.ExecuteAsync("insert into t1 values (1, 'one')");
        return count;
    }
}
