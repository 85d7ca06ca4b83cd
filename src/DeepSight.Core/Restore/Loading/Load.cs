using System.Buffers;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// The way of SQL into psql. Its first failure is kept, and what comes after it is passed over: the file is read to its end all
/// the same, since a corrupt file explains a failure better than psql does.
/// </summary>
/// <param name="psql">Null where only the filter's refusals are asked for.</param>
internal sealed class Load(PsqlSession? psql, SqlFilter filter, ArrayBufferWriter<byte> output)
{
    private DeepSightException? failure;

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
        filter.Append(sql.Span);
        await PassAsync(cancellationToken);
    });

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        filter.Complete();
        await PassAsync(cancellationToken);
    }

    public void ThrowIfFailed()
    {
        if (failure is not null) throw failure;
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        if (psql is not null) await psql.WriteAsync(output.WrittenMemory, cancellationToken);
        output.ResetWrittenCount();
    }
}
