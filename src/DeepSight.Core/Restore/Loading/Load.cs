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
    private DeepSightException? failure;

    /// <param name="sessions">Null where only the filter's refusals are asked for.</param>
    public Load(SqlFilterRules rules, LoadSessions? sessions)
    {
        filter = new SqlFilter(rules, output, Copied);
        splitter = sessions is null ? null : new CopySplitter(sessions, filter.Session);
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
    }

    public void ThrowIfFailed()
    {
        if (failure is not null) throw failure;
    }

    private void Copied(string table, long rows) => splitter?.Copied(table, rows);

    private async Task PassAsync(bool onlyRows, CancellationToken cancellationToken)
    {
        if (splitter is not null) await splitter.WriteAsync(output.WrittenMemory, onlyRows, cancellationToken);
        output.ResetWrittenCount();
    }
}

/// <summary>What was loaded, each fact confirmed by the server or by the file's checksum.</summary>
/// <param name="Summary">Of the dump as it was read; the server confirmed each table's rows.</param>
/// <param name="Sha256">Of the stored file.</param>
/// <param name="LeftOut">What the filters left out.</param>
/// <param name="Answers">What <see cref="LoadOptions.After"/> printed beginning with <see cref="PsqlSession.AnswerPrefix"/>.</param>
internal sealed record LoadResult(DumpSummary Summary, string Sha256, IReadOnlyList<SqlFilterUse> LeftOut, IReadOnlyList<string> Answers);
