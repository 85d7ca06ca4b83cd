using System.Globalization;
using System.Text;

namespace DeepSight.Core.Health;

/// <summary>
/// Gauges in OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/), which Prometheus' older text format reads as well.
/// </summary>
internal sealed class MetricsText
{
    private readonly StringBuilder text = new();

    /// <summary>One family; left out where it has no samples.</summary>
    /// <param name="name">Ends with the unit, where it has one.</param>
    /// <param name="help">One line without quotes and backslashes: the two formats don't escape them alike.</param>
    public MetricsText Family(string name, string help, params IEnumerable<Sample> samples)
    {
        var known = samples.Where(sample => sample.Value is not null).ToList();
        if (known.Count == 0) return this;

        text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} gauge\n");
        foreach (var unit in new[] { "seconds", "bytes" })
            if (name.EndsWith("_" + unit, StringComparison.Ordinal)) text.Append(CultureInfo.InvariantCulture, $"# UNIT {name} {unit}\n");
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n");
        foreach (var (value, labels) in known)
        {
            text.Append(name);
            if (labels.Length > 0) text.Append('{').AppendJoin(',', labels.Select(label => $"{label.Name}=\"{Escape(label.Value)}\"")).Append('}');
            text.Append(CultureInfo.InvariantCulture, $" {value}\n");
        }
        return this;
    }

    public override string ToString() => text + "# EOF\n";

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <param name="Value">Null where it is not known.</param>
    public readonly record struct Sample(double? Value, params (string Name, string Value)[] Labels)
    {
        public static implicit operator Sample(double? value) => new(value);

        public static implicit operator Sample(DateTimeOffset? time) => new(time?.ToUnixTimeMilliseconds() / 1000.0);

        public static implicit operator Sample(bool value) => new(value ? 1 : 0);
    }
}
