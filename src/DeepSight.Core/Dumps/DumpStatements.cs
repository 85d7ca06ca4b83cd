using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>Tells a dump's statements apart by their first words.</summary>
internal static class DumpStatements
{
    public static DumpStatement Classify(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (!tokens.Next() || tokens.Kind != SqlTokenKind.Word) return DumpStatement.Schema;

        if (tokens.Is("insert"u8)) return DumpStatement.Insert;
        if (tokens.Is("select"u8)) return ClassifyCall(tokens);
        return IsSession(tokens) ? DumpStatement.Session : DumpStatement.Schema;
    }

    private static bool IsSession(SqlTokens tokens) =>
        tokens.Is("set"u8) || tokens.Is("reset"u8) || tokens.Is("begin"u8) || tokens.Is("commit"u8);

    private static DumpStatement ClassifyCall(SqlTokens tokens) => SqlName.Read(ref tokens) switch
    {
        "pg_catalog.set_config" => DumpStatement.Session,
        "pg_catalog.setval" => DumpStatement.SequenceValue,
        "pg_catalog.lo_create" => DumpStatement.LargeObject,
        "pg_catalog.lo_open" or "pg_catalog.lowrite" or "pg_catalog.lo_close" => DumpStatement.LargeObjectData,
        _ => DumpStatement.Schema,
    };
}
