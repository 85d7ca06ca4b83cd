using System.IO.Compression;
using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Access;

/// <summary>The statements about access of one database, in their order.</summary>
internal sealed class AccessList : ISqlSink
{
    private readonly List<AccessStatement> statements = [];
    private readonly HashSet<string> withoutInherit = new(StringComparer.Ordinal);

    /// <summary>Of SQL: the grants of a hundred thousand objects. What is read is kept.</summary>
    private const long MostSql = 16 << 20;

    private const int MostStatements = 200_000;

    private string? grantor;

    public IReadOnlyList<AccessStatement> Statements => statements;

    /// <summary>Roles whose members' privileges are not theirs by themselves, by CREATE ROLE … NOINHERIT.</summary>
    public IReadOnlySet<string> WithoutInherit => withoutInherit;

    /// <summary>How many are not run because they are none of what such a list may hold. CREATE ROLE is passed over in silence.</summary>
    public long RefusedCount { get; private set; }

    /// <summary>The beginning of the first of them, for people.</summary>
    public string? FirstRefused { get; private set; }

    /// <summary>Of statements as PostgreSQL words them.</summary>
    public static AccessList Of(IEnumerable<string> statements)
    {
        var list = new AccessList();
        var scanner = new SqlScanner(list);
        foreach (var statement in statements) scanner.Append(Encoding.UTF8.GetBytes(statement + "\n"));
        scanner.Complete();
        return list;
    }

    /// <summary>Of a stored access file.</summary>
    /// <exception cref="DeepSightException">It can't be decompressed (<see cref="FailureKind.Corrupt"/>).</exception>
    public static async Task<AccessList> ReadAsync(Stream stored, string backup, CancellationToken cancellationToken)
    {
        var list = new AccessList();
        var scanner = new SqlScanner(list);
        try
        {
            await using var sql = new GZipStream(stored, CompressionMode.Decompress, leaveOpen: true);
            var buffer = new byte[1 << 16];
            var total = 0L;
            while (await sql.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                if ((total += read) > MostSql || list.statements.Count > MostStatements)
                    throw new DeepSightException(FailureKind.Corrupt,
                        $"The access file of '{backup}' unpacks to more than {MostSql >> 20} MiB of SQL or {MostStatements:N0} statements.",
                        "restore another backup; or move that file away, and grants come from the target alone.");
                scanner.Append(buffer.AsSpan(0, read));
            }
        }
        catch (InvalidDataException e)
        {
            throw new DeepSightException(FailureKind.Corrupt, $"The access file of '{backup}' can't be decompressed.",
                "restore another backup; or move that file away, and grants come from the target alone.", e);
        }

        scanner.Complete();
        return list;
    }

    public void OnStatement(in SqlStatement statement)
    {
        if (statement.IsWhole) Add(statement.Head);
        else Refuse(statement.Head);
    }

    public void OnMetaCommand(in SqlStatement command) => Refuse(command.Head);

    private void Add(ReadOnlySpan<byte> statement)
    {
        if (AccessParser.Session(statement) is { } session) grantor = session.Length == 0 ? null : session;
        else if (AccessParser.Parse(statement) is { } known) statements.Add(known with { Grantor = grantor });
        else if (!TakeCreateRole(statement)) Refuse(statement);
    }

    private bool TakeCreateRole(ReadOnlySpan<byte> statement)
    {
        var tokens = new SqlTokens(statement);
        if (!tokens.Take("create"u8) || !tokens.Take("role"u8)) return false;
        var role = tokens.Next() && tokens.IsName ? tokens.Value : null;
        while (tokens.Next())
            if (role is not null && tokens.Is("noinherit"u8)) withoutInherit.Add(role);
        return true;
    }

    private void Refuse(ReadOnlySpan<byte> text)
    {
        RefusedCount++;
        FirstRefused ??= SqlText.Decode(text[..Math.Min(60, text.Length)]);
    }
}
