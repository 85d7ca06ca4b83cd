using System.Buffers;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>
/// Takes the statements that build indexes and keys out of what pg_dump wrote and runs them over several sessions, those of the largest tables
/// first; before the next statement that is none of them, all are done.
/// </summary>
internal sealed class BuildScheduler(LoadSessions sessions, SqlSession state) : IStatementRouter
{
    /// <summary>Below both a further session costs more than it gains.</summary>
    private const int FewBuilds = 64, FewRows = 50_000;

    /// <summary>In bytes of SQL.</summary>
    private const int LongestBatch = 16 << 20;

    private readonly Dictionary<string, long> rows = [];
    private readonly HashSet<string> partitioned = [];
    private readonly Queue<Batch> closed = [];
    private Batch batch = new();
    private bool inTransaction;

    public void Copied(string table, long count) => rows[table] = rows.GetValueOrDefault(table) + count;

    /// <summary>Whether a statement goes the way of the others, and whether what was taken before it has to be done first.</summary>
    public StatementRoute Route(in SqlStatement statement)
    {
        if (statement.IsCopyFromStdin) return Close();
        NotePartitions(statement.Tokens);
        inTransaction = TransactionStatement.Classify(statement.Head) switch
        {
            TransactionEffect.Begins => true,
            TransactionEffect.None => inTransaction,
            _ => false,
        };

        if (!inTransaction && state.AreSettingsKnown && Build.Read(statement) is { } build && !ReachesPartitions(build))
        {
            var route = batch.Fits(build) ? StatementRoute.Along : Close();
            batch.Add(build, state.Settings);
            return route | StatementRoute.Aside;
        }
        if (batch.Builds.Count == 0 || !Build.IsAboutOne(statement)) return Close();
        batch.AddLater(statement.Head);
        return StatementRoute.Aside;
    }

    /// <summary>All that was taken so far has to be done before what follows.</summary>
    public StatementRoute Close()
    {
        if (batch.Builds.Count == 0) return StatementRoute.Along;
        closed.Enqueue(batch);
        batch = new();
        return StatementRoute.AfterCut;
    }

    /// <summary>Does the oldest batch that was closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var next = closed.Dequeue();
        var isSmall = next.Builds.Count < FewBuilds && next.Builds.Sum(RowsOf) < FewRows;
        var others = next.Builds.Count == 1 || isSmall ? [] : await sessions.OthersAsync(cancellationToken);
        var main = sessions.Main.Psql;
        if (others.Count == 0)
        {
            foreach (var build in next.Builds) await WriteAsync(main, build, cancellationToken);
        }
        else
        {
            // What the others build on has to be there.
            await main.UnrestrictAsync(cancellationToken);
            await main.SyncAsync(cancellationToken);
            await RunAsync(next, [sessions.Main, .. others], cancellationToken);
            await main.RestrictAsync(cancellationToken);
        }
        await main.WriteAsync(next.Later, cancellationToken);
    }

    private async Task RunAsync(Batch batch, IEnumerable<LoadSession> free, CancellationToken cancellationToken)
    {
        var waiting = batch.Builds.OrderByDescending(RowsOf).ToList();
        var idle = new Stack<LoadSession>(free);
        var running = new Dictionary<Task, (LoadSession Session, Build Build)>();
        while (waiting.Count > 0 || running.Count > 0)
        {
            while (idle.Count > 0 && waiting.FindIndex(build => running.Values.All(other => build.MayRunBeside(other.Build))) is >= 0 and var next)
            {
                var (session, build) = (idle.Pop(), waiting[next]);
                waiting.RemoveAt(next);
                running.Add(BuildAsync(session, batch.Settings, build, cancellationToken), (session, build));
            }

            // After a failure the sessions that still build are ended with the load.
            var ended = await Task.WhenAny(running.Keys);
            await ended;
            idle.Push(running[ended].Session);
            running.Remove(ended);
        }
    }

    private static async Task BuildAsync(LoadSession session, ReadOnlyMemory<byte> settings, Build build, CancellationToken cancellationToken)
    {
        await session.Psql.RestrictAsync(cancellationToken);
        await session.TellAsync(settings, cancellationToken);
        await WriteAsync(session.Psql, build, cancellationToken);
        await session.Psql.UnrestrictAsync(cancellationToken);
        await session.Psql.SyncAsync(cancellationToken);
    }

    private static async Task WriteAsync(PsqlSession session, Build build, CancellationToken cancellationToken)
    {
        await session.WriteAsync(build.Sql, cancellationToken);
        await session.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    private long RowsOf(Build build) => rows.GetValueOrDefault(build.Table);

    /// <summary>Such a foreign key locks tables that it doesn't name.</summary>
    private bool ReachesPartitions(Build build) => build.IsForeignKey && (partitioned.Contains(build.Table) || partitioned.Contains(build.Referenced!));

    /// <summary><c>ALTER TABLE ONLY a ATTACH PARTITION b …</c>, <c>CREATE TABLE b PARTITION OF a …</c></summary>
    private void NotePartitions(SqlTokens tokens)
    {
        var creates = tokens.Take("create"u8);
        if (!creates && !tokens.Take("alter"u8)) return;
        if (creates) tokens.Take("unlogged"u8);
        if (!tokens.Take("table"u8)) return;
        tokens.Take("only"u8);
        if (SqlName.Read(ref tokens) is not { } first || !(creates || tokens.Take("attach"u8)) || !tokens.Take("partition"u8)
            || (creates && !tokens.Take("of"u8)) || SqlName.Read(ref tokens) is not { } second) return;
        partitioned.Add(first);
        partitioned.Add(second);
    }

    /// <summary>What is built side by side, and what is said about it afterwards.</summary>
    private sealed class Batch
    {
        private readonly ArrayBufferWriter<byte> later = new();
        private int length;

        public List<Build> Builds { get; } = [];

        /// <summary>What was set when it began; a SET ends it.</summary>
        public ReadOnlyMemory<byte> Settings { get; private set; }

        public ReadOnlyMemory<byte> Later => later.WrittenMemory;

        /// <summary>A foreign key needs the key that it refers to.</summary>
        public bool Fits(Build build) => Builds.Count == 0 || (Builds[0].IsForeignKey == build.IsForeignKey && length + build.Sql.Length <= LongestBatch);

        public void Add(Build build, ReadOnlyMemory<byte> settings)
        {
            if (Builds.Count == 0) Settings = settings;
            Builds.Add(build);
            length += build.Sql.Length;
        }

        public void AddLater(ReadOnlySpan<byte> statement)
        {
            later.Write(statement);
            later.Write("\n"u8);
            length += statement.Length;
        }
    }
}
