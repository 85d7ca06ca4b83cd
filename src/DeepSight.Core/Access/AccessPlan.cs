using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Access;

/// <summary>
/// Which statements give a restored database its owners and grants: what the target says about its objects, and what the backup's
/// access file says about those that the target doesn't have.
/// </summary>
internal sealed class AccessPlan
{
    /// <summary>Statements in one DO block. Each has a savepoint of its own, on the server, without a round trip.</summary>
    private const int BlockSize = 500;

    private AccessPlan(IReadOnlyList<AccessStatement> statements, IReadOnlyList<string> skippedRoles, IReadOnlyList<string> skippedMemberships)
    {
        Statements = statements;
        SkippedRoles = skippedRoles;
        SkippedMemberships = skippedMemberships;
    }

    public IReadOnlyList<AccessStatement> Statements { get; }

    /// <summary>Roles that statements name and the server lacks: those statements are left out.</summary>
    public IReadOnlyList<string> SkippedRoles { get; }

    /// <summary>Of roles that were made for this restore in others that were there: whoever wrote the file may not give away those.</summary>
    public IReadOnlyList<string> SkippedMemberships { get; }

    /// <param name="target">Of the database to be replaced; empty where there is none.</param>
    /// <param name="backup">Of the access file; empty where there is none.</param>
    /// <param name="roles">All of the server.</param>
    /// <param name="created">Those of them that were made for this restore: memberships are granted among them alone.</param>
    public static AccessPlan Of(AccessList target, AccessList backup, IReadOnlySet<string> roles, IReadOnlySet<string> created)
    {
        // Of the schema public, and of default privileges, nothing is said where they are PostgreSQL's own.
        const string publicSchema = "schema public";
        var known = target.Statements.Where(statement => statement.Kind is AccessKind.Owner or AccessKind.Grant).Select(statement => statement.Object).ToHashSet(StringComparer.Ordinal);
        if (known.Any(key => key != publicSchema)) known.Add(publicSchema);
        var hasDefaults = known.Count > 0 || target.Statements.Any(statement => statement.Kind == AccessKind.DefaultPrivileges);
        var wanted = backup.Statements
            .Where(statement => statement.Kind switch
            {
                AccessKind.Membership => statement.Roles.All(created.Contains),
                AccessKind.DefaultPrivileges => statement.Object.Length == 0 ? !hasDefaults : !known.Contains(statement.Object),
                _ => !known.Contains(statement.Object),
            })
            .Concat(target.Statements.Where(statement => statement.Kind != AccessKind.Membership))
            .ToList();
        return new AccessPlan(
            [.. wanted.Where(statement => Missing(statement).Count == 0).OrderBy(statement => statement.Kind == AccessKind.DefaultPrivileges)],
            [.. wanted.SelectMany(Missing).Distinct().Order(StringComparer.Ordinal)],
            [.. backup.Statements.Where(statement => statement.Kind == AccessKind.Membership && !created.Contains(statement.Object) && statement.Roles.Any(created.Contains)).Select(statement => statement.Text)]);

        List<string> Missing(AccessStatement statement) =>
            [.. statement.Roles.Append(statement.Grantor).OfType<string>().Where(role => !roles.Contains(role))];
    }

    /// <summary>
    /// SQL that runs them in a transaction. Of objects that the backup doesn't have nothing is said; what the role may not do is
    /// collected in a table <c>deepsight_refused</c> and ends nothing, nor does a privilege of a newer server: a restore that is whole
    /// but for a grant is worth keeping. A grant of another grantor runs in a function of that one, since within a function nobody can become
    /// another role; nobody else may call it.
    /// </summary>
    /// <param name="schema">Where the table and the function are made: one in which nothing of a dump is, and from which it can take nothing.</param>
    public string ToSql(string schema = "pg_temp") =>
        $"""
        CREATE TABLE {schema}.deepsight_refused (statement text, reason text);
        CREATE FUNCTION {schema}.deepsight_as(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN EXECUTE statement; END';
        REVOKE ALL ON FUNCTION {schema}.deepsight_as(text) FROM PUBLIC;

        """ + string.Concat(Statements.Chunk(BlockSize).Select(statements => Block(statements, schema)));

    /// <summary>The tag is of chance: a name may hold any that is known.</summary>
    private static string Block(AccessStatement[] statements, string schema)
    {
        var rows = string.Join(",\n", statements.Select(statement =>
            $"[{Sql.Text(statement.Text)}, {(statement.Grantor is { } grantor ? Sql.Text(grantor) : "NULL")}]"));
        var tag = $"$deepsight_{Guid.NewGuid():N}$";
        return $"""
            DO {tag}
            DECLARE pair text[];
            BEGIN
              FOREACH pair SLICE 1 IN ARRAY ARRAY[{rows}]::text[] LOOP
                BEGIN
                  IF pair[2] IS NULL THEN
                    EXECUTE pair[1];
                  ELSE
                    EXECUTE format('ALTER FUNCTION {schema}.deepsight_as(text) OWNER TO %I', pair[2]);
                    PERFORM {schema}.deepsight_as(pair[1]);
                  END IF;
                EXCEPTION
                  WHEN undefined_table OR undefined_object OR undefined_function OR undefined_column OR invalid_schema_name THEN NULL;
                  WHEN OTHERS THEN
                    INSERT INTO {schema}.deepsight_refused VALUES (pair[1], SQLERRM);
                END;
              END LOOP;
            END
            {tag};

            """;
    }
}
