namespace DeepSight.Core.Postgres;

/// <summary>What of a database is dumped.</summary>
public enum DumpContent
{
    /// <summary>Schema and data, without owners and grants: restores anywhere.</summary>
    Everything,

    /// <summary>The schema alone, with owners and grants.</summary>
    SchemaWithAccess,
}
