using System.Buffers;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// The way of SQL into psql. Its first failure is kept, and what comes after it is passed over: the file is read to its end all
/// the same, since a corrupt file explains a failure better than psql does.
/// </summary>
internal sealed class Load
{
    private readonly ArrayBufferWriter<byte> output = new(1 << 20);
    private readonly SqlFilter filter;
    private readonly CopySplitter? splitter;
    private readonly BuildScheduler? builds;
    private long passed;
    private DeepSightException? failure;

    /// <summary>Only what the filter refuses.</summary>
    public Load(SqlFilterRules rules) => filter = new SqlFilter(rules, output);

    /// <param name="canSplit">Of a table: whether several sessions may take its rows.</param>
    public Load(SqlFilterRules rules, LoadSessions sessions, Func<string, CancellationToken, Task<bool>> canSplit)
    {
        var session = new SqlSession();
        splitter = new CopySplitter(sessions, canSplit, session);
        builds = new BuildScheduler(sessions, session);
        // What pg_dump doesn't write may need its order.
        filter = new SqlFilter(rules, output, Copied, rules.OnlyPgDumps && sessions.AreSeveral ? builds : null, session);
    }

    public IReadOnlyList<SqlFilterUse> LeftOut => filter.Uses;

    public async Task TryAsync(Func<Task> step)
    {
        if (failure is not null) return;
        try
        {
            await step();
        }
        catch (DeepSightException e)
        {
            failure = e;
        }
    }

    public Task TakeAsync(ReadOnlyMemory<byte> sql, CancellationToken cancellationToken) => TryAsync(async () =>
    {
        var wasInRows = filter.IsInRows;
        var copies = splitter?.Copies;
        filter.Append(sql.Span);
        await PassAsync(onlyRows: wasInRows && filter.IsInRows && splitter?.Copies == copies, cancellationToken);
    });

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        filter.Complete();
        await PassAsync(onlyRows: false, cancellationToken);
        if (builds?.Close() == StatementRoute.AfterCut) await builds.RunAsync(cancellationToken);
    }

    public void ThrowIfFailed()
    {
        if (failure is not null) throw failure;
    }

    private void Copied(string table, long rows)
    {
        splitter!.Copied(table, rows);
        builds!.Copied(table, rows);
    }

    private async Task PassAsync(bool onlyRows, CancellationToken cancellationToken)
    {
        if (splitter is not null)
        {
            var rest = output.WrittenMemory;
            while (filter.TryTakeCut(out var cut))
            {
                var length = (int)(cut - passed);
                await splitter.WriteAsync(rest[..length], onlyRows: false, cancellationToken);
                await builds!.RunAsync(cancellationToken);
                rest = rest[length..];
                passed = cut;
            }
            await splitter.WriteAsync(rest, onlyRows, cancellationToken);
            passed += rest.Length;
        }
        output.ResetWrittenCount();
    }
}

/// <summary>What was loaded, each fact confirmed by the server or by the file's checksum.</summary>
/// <param name="Summary">Of the dump as it was read; the server confirmed each table's rows.</param>
/// <param name="Sha256">Of the stored file.</param>
/// <param name="LeftOut">What the filters left out.</param>
/// <param name="Answers">What <see cref="LoadOptions.After"/> printed beginning with <see cref="PsqlSession.AnswerPrefix"/>.</param>
internal sealed record LoadResult(DumpSummary Summary, string Sha256, IReadOnlyList<SqlFilterUse> LeftOut, IReadOnlyList<string> Answers);
