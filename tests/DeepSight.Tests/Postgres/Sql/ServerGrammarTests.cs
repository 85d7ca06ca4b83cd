using CsCheck;
using DeepSight.Core.Migrations;
using DeepSight.Tests.Servers;
using Npgsql;

namespace DeepSight.Tests.Postgres.Sql;

/// <summary>Statements from the grammar's corners, cut as the server cuts them: it parses each piece, and as one statement.</summary>
public sealed class ServerGrammarTests(PostgresServers servers)
{
    private static readonly Gen<string> Space = OneOf(" ", "\n", "\t", " -- ; '\n", " /* ; ' /* $$ */ */ ", "\r\n");
    private static readonly Gen<string> Name = OneOf("begin", "atomic", "x", "x.begin", "x.end", "x.case", "\"end;\"", "U&\"\\0062;\"", "é", "_1$", "x.\"a\"\"; b\"");
    private static readonly Gen<string> Value = OneOf("1", "'a;'", "'a''; '", "E'\\';'", "e'\\\\'", "U&'\\0061;'", "B'01'", "x'1f'", "N'n;'", "$$;$$", "$a$ $$;$b$ $a$", "'a'\n';b'", "E'a'\n'\\';'",
        "case when true then 1 end", "1.5e3", "array[1,2]", "- 1", "1 - -1", "4 / 2", "(1)", "null");
    private static readonly Gen<string> Query = Gen.Select(Space, Name, Value, OneOf("begin", "\"end\"", "case", "atomic", "select"), (space, name, value, alias) =>
        $"select{space}{value} as {alias}{space}, {name} from x");
    private static readonly Gen<string> Body = Query.Array[0, 3].Select(queries => string.Concat(queries.Select(query => query + "; ")));
    private static readonly Gen<string> Statement = Gen.OneOf(
        Query,
        Gen.Select(Name, Space, Body, OneOf("function", "procedure", "or replace function"), (name, space, body, kind) =>
            $"create {kind} {(name.Contains('.') ? "f" : name)}(begin int default 1){(kind == "procedure" ? "" : " returns int")}{space}language sql begin atomic {body}end"),
        Gen.Select(Name, Value, (name, value) => $"create function begin.{(name.Contains('.') ? "begin" : name)}() returns text set search_path to begin, 'a;' language sql return {value}"),
        Value.Select(value => $"create function f() returns text language sql as $body$ select {value}; $body$"),
        Body.Select(body => $"create rule r as on insert to x do also ({body}select 1)"),
        OneOf("begin", "end", "commit", "begin work", "create table begin (begin int, \"end\" text default ';')", "do $$ begin null; end $$", "comment on table x is E'\\';'", "insert into begin values (';')"));

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    [Fact]
    public async Task The_server_takes_each_piece_as_one_statement()
    {
        var count = 0;
        await using var parser = await ParserAsync();
        var scripts = Gen.Select(Statement.Array[1, 6], Space, (statements, space) => string.Join(";" + space, statements));
        await scripts.SampleAsync(async script => count += await parser.CheckAsync(script), iter: Matrix.IsFull ? 20_000 : 1_500, threads: 1);
        Assert.True(count > 1_000);
    }

    [Theory]
    [InlineData("information_schema.sql", 150)]
    [InlineData("system_functions.sql", 150)]
    [InlineData("system_views.sql", 100)]
    public async Task The_server_takes_each_piece_of_its_own_schema_files_as_one_statement(string file, int atLeast)
    {
        var folder = await Clone.BuiltAsync("postgres-server", "server/18", "18");
        var script = await File.ReadAllTextAsync(Path.Combine(folder, "share", "postgresql", "18", file), TestContext.Current.CancellationToken);
        await using var parser = await ParserAsync();

        Assert.True(await parser.CheckAsync(script) > atLeast);
    }

    private async Task<Parser> ParserAsync() => new(await (await servers.NewDatabaseAsync(18)).OpenAsync());

    /// <summary>The protocol's Parse takes one statement. One that names what isn't there fails after its grammar was read.</summary>
    private sealed class Parser(NpgsqlConnection connection) : IAsyncDisposable
    {
        /// <returns>The number of pieces.</returns>
        public async Task<int> CheckAsync(string script)
        {
            var pieces = SqlSplitter.Split(script, "any.sql");
            foreach (var piece in pieces)
            {
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(piece.Text) } };
                try
                {
                    await batch.PrepareAsync(TestContext.Current.CancellationToken);
                }
                catch (PostgresException e)
                {
                    Assert.False(e.SqlState == PostgresErrorCodes.SyntaxError, $"{e.MessageText}: {piece.Text}{Environment.NewLine}of{Environment.NewLine}{script}");
                }
            }

            return pieces.Count;
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
