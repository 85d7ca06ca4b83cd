using System.Globalization;

namespace DeepSight.Core.Dumps;

/// <summary>What differs between the dump that was taken and a dump of what was restored from it.</summary>
/// <param name="Differences">Empty when the two say the same.</param>
/// <param name="Notes">What could be compared only in part, and why.</param>
public sealed record DumpComparison(IReadOnlyList<DumpDifference> Differences, IReadOnlyList<string> Notes)
{
    public bool AreEqual => Differences.Count == 0;

    /// <summary>
    /// Tables by name, then the schema and the values. Of dumps from different majors of pg_dump only the tables are compared,
    /// as majors word the rest differently. A schema with as many statements in other words is a note, not a difference:
    /// PostgreSQL
    /// rewords some expressions when it reads them back, <c>c IN ('a', 'b')</c> of a varchar column for one.
    /// </summary>
    public static DumpComparison Of(DumpSummary expected, DumpSummary actual)
    {
        var found = new Findings();
        found.CompareTables(expected.Tables, actual.Tables);
        if (MajorOf(expected) == MajorOf(actual))
        {
            found.CompareSchema(expected.Statements, actual.Statements);
            found.CompareValues(expected.Values, actual.Values);
        }
        else
        {
            found.Notes.Add("Only the tables were compared: "
                + $"pg_dump {expected.PgDumpVersion ?? "?"} wrote one dump, {actual.PgDumpVersion ?? "?"} the other.");
        }
        if (expected.Inserts > 0)
            found.Notes.Add($"{expected.Inserts:N0} rows are written as INSERT; they were compared as values, not by table.");
        return new DumpComparison(found.Differences, found.Notes);
    }

    private static string? MajorOf(DumpSummary dump) => dump.PgDumpVersion?.Split('.')[0];

    private sealed class Findings
    {
        public List<DumpDifference> Differences { get; } = [];

        public List<string> Notes { get; } = [];

        public void CompareTables(IReadOnlyList<TableSummary> expected, IReadOnlyList<TableSummary> actual)
        {
            var others = actual.ToDictionary(table => table.Name);
            foreach (var table in expected)
            {
                if (others.Remove(table.Name, out var other)) CompareTable(table, other);
                else Differ(table.Name, $"Table {table.Name} is missing; {Count(table)} expected.");
            }
            // A dump need not hold a table's rows: of an unlogged one on a standby, or by --exclude-table-data.
            foreach (var table in others.Values.Where(table => table.Rows == 0))
                Notes.Add($"Table {table.Name} has no rows: the backup holds none of it.");
            foreach (var table in others.Values.Where(table => table.Rows > 0))
                Differ(table.Name, $"Table {table.Name} was not expected; it has {Count(table)}.");
        }

        public void CompareSchema(StatementSummary expected, StatementSummary actual)
        {
            if (expected.Count != actual.Count)
                Differ("schema", $"The schema takes {actual.Count:N0} statements instead of {expected.Count:N0}.");
            else if (expected.Checksum != actual.Checksum)
                Notes.Add($"The schema has as many statements, {expected.Count:N0}, some in other words: "
                    + "PostgreSQL rewords expressions when it reads them back.");
        }

        public void CompareValues(StatementSummary expected, StatementSummary actual)
        {
            if (expected != actual)
                Differ("values", $"Sequences or large objects differ ({actual.Count:N0} statements, {expected.Count:N0} expected).");
        }

        private void CompareTable(TableSummary expected, TableSummary actual)
        {
            var sameOrder = expected.Columns.SequenceEqual(actual.Columns);
            if (!sameOrder && !expected.Columns.ToHashSet().SetEquals(actual.Columns))
                Differ(expected.Name, $"Table {expected.Name} has columns {Names(actual)} instead of {Names(expected)}.");
            else if (expected.Rows != actual.Rows)
                Differ(expected.Name, $"Table {expected.Name} has {Count(actual)} instead of {expected.Rows:N0}.");
            else if (!sameOrder)
                Notes.Add($"Table {expected.Name} was compared by count only: its columns come in another order.");
            else if (expected.Checksum != actual.Checksum)
                Differ(expected.Name, $"Table {expected.Name} has as many rows, {expected.Rows:N0}, with other contents.");
        }

        private void Differ(string subject, string message) => Differences.Add(new DumpDifference(subject, message));

        private static string Count(TableSummary table) =>
            string.Create(CultureInfo.InvariantCulture, $"{table.Rows:N0} {(table.Rows == 1 ? "row" : "rows")}");

        private static string Names(TableSummary table) => $"({string.Join(", ", table.Columns)})";
    }
}

/// <summary>One thing that differs between two dumps.</summary>
/// <param name="Subject">A table's name, or <c>schema</c>, or <c>values</c> (sequences' values, large objects).</param>
/// <param name="Message">A sentence for people, with both values.</param>
public sealed record DumpDifference(string Subject, string Message);
