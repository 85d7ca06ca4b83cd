using System.Text;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations.Authoring;

/// <summary>The SQL of a range of revisions with its journal rows, for psql alone: for those who review or run it elsewhere.</summary>
public sealed class OfflineScript(MigrationFiles files, MigrationSettings settings)
{
    private readonly string schema = Sql.Name(settings.JournalSchema ?? JournalTables.DefaultSchema);

    /// <param name="range"><c>from:to</c>, where the database stands and where to; without a colon from the base. Downwards when <c>to</c> lies below.</param>
    /// <exception cref="DeepSightException">A target is unknown, or a revision on the way down can't be undone.</exception>
    public string Write(string range)
    {
        var (from, to) = range.Split(':') switch
        {
            [var only] => ("base", only),
            [var first, var second] => (first.Length == 0 ? "base" : first, second.Length == 0 ? "head" : second),
            _ => throw new DeepSightException(FailureKind.InvalidInput, $"'{range}' is not a range.", "write from:to, as in base:head."),
        };

        var names = new RevisionNames(files.Graph);
        var applied = files.Graph.Needs(names.Resolve(from));
        var target = RelativeTarget.TryParse(to) is null ? names.Resolve(to) : [];
        var downwards = RelativeTarget.TryParse(to) is { } relative ? relative.Steps < 0 : applied.Count > 0 && target.All(applied.Contains) && !target.SequenceEqual(names.Resolve(from));
        var jobs = downwards
            ? MigrationPlan.Down(StateOf(applied), to)
            : [.. new UpgradePlanner(files.Graph).Plan(applied, to).Select(revision => new ScriptJob(files.Up(revision), revision))];

        var sql = new StringBuilder();
        sql.Append("-- ").Append(downwards ? "down" : "up").Append($" from {from} to {to}; run with: psql -X -f THIS_FILE\n");
        if (LeftOut() is { } others) sql.Append($"-- not in here: {others}; `deepsight migrate up` runs them, or run them with psql after this\n");
        sql.Append("\\set ON_ERROR_STOP on\n\n");
        sql.Append(JournalSchema.Create(schema)).Append('\n').Append(JournalSchema.CreateLog(schema)).Append("\n\n");
        sql.Append($"insert into {schema}.version (repository_path, version, entered_by, status) values ('', {Sql.Text(to)}, left(current_user, 50), 'Finished');\n");
        foreach (var job in jobs) Append(sql, job);
        return sql.ToString();
    }

    /// <summary>They belong to no revision: which of them have to run depends on what ran before.</summary>
    private string? LeftOut()
    {
        var others = files.Scripts.Where(script => script.Runs is not (RunKind.Revision or RunKind.Undo)).Select(script => script.Display).ToList();
        return others.Count == 0 ? null : $"the scripts of the other folders ({string.Join(", ", others.Take(3))}{(others.Count > 3 ? $" and {others.Count - 3} more" : "")})";
    }

    private void Append(StringBuilder sql, ScriptJob job)
    {
        ScriptRules.Check(job.Script);
        sql.Append($"\n\n-- {job.Script.Display}\nreset session authorization;\nreset all;\nset lock_timeout = '{settings.LockTimeoutSeconds}s';\n");
        if (job.Script.InTransaction) sql.Append("begin;\n");
        // The last statement may lack its semicolon, or end in a comment.
        sql.Append(job.Script.Text.TrimEnd()).Append("\n;\n");
        sql.Append("reset session authorization;\n");
        if (!job.Script.InTransaction) sql.Append("begin;\n");
        sql.Append(job.Undoes is null ? Ran(job.Script) : $"delete from {schema}.scriptsrun where script_name in ({Sql.Text(job.Undoes.Path)}, {Sql.Text(job.Undoes.FileName)});\n");
        sql.Append(
            $"""
            insert into {schema}.revision_log (revision, script_name, action, state, started_at, finished_at, done_from, tool_version)
            values ({Sql.Text(job.LogName)}, {Sql.Text(job.Journaled.Path)}, {Sql.Text(job.Undoes is null ? LogAction.Up : LogAction.Down)}, 'done', now(), clock_timestamp(), 'psql', '');
            commit;

            """);
    }

    private string Ran(MigrationScript script) =>
        $"""
        insert into {schema}.scriptsrun (version_id, script_name, text_of_script, text_hash, one_time_script, entered_by)
        select max(id), {Sql.Text(script.Path)}, {Sql.Text(script.Text)}, {Sql.Text(script.Hash)}, true, left(current_user, 50) from {schema}.version;

        """;

    private MigrationState StateOf(IEnumerable<Revision> applied) =>
        new(files, JournalContent.Of(applied.Select(files.Up)));
}
