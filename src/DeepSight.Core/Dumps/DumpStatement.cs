namespace DeepSight.Core.Dumps;

/// <summary>What a statement of a dump is about.</summary>
internal enum DumpStatement
{
    /// <summary>The database's schema.</summary>
    Schema,

    /// <summary>
    /// The session that reads the dump: SET, RESET, <c>set_config</c>, BEGIN, COMMIT. They depend on the client's version and
    /// on the order of objects (<c>default_table_access_method</c>), so that a table's access method isn't compared.
    /// </summary>
    Session,

    /// <summary><c>SELECT pg_catalog.setval(…)</c></summary>
    SequenceValue,

    /// <summary><c>SELECT pg_catalog.lo_create('16420')</c></summary>
    LargeObject,

    /// <summary>A part of one: <c>lo_open</c>, <c>lowrite</c>, <c>lo_close</c>.</summary>
    LargeObjectData,

    /// <summary><c>INSERT INTO …</c></summary>
    Insert,
}
