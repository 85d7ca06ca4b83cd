using System.Globalization;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Postgres;

/// <summary>A release of PostgreSQL since 10: <c>17.12</c>. A beta counts as minor 0.</summary>
public readonly partial record struct PostgresVersion(int Major, int Minor) : IComparable<PostgresVersion>
{
    /// <summary>From <c>server_version_num</c>: 170012 is 17.12.</summary>
    public static PostgresVersion FromNumber(int number) => new(number / 10000, number % 10000);

    /// <summary>The first version in a text such as <c>pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)</c>; null when there is none.</summary>
    public static PostgresVersion? Find(string text)
    {
        var match = Version().Match(text);
        if (!match.Success) return null;
        var minor = match.Groups[2].Success ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 0;
        return new PostgresVersion(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), minor);
    }

    public int CompareTo(PostgresVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(PostgresVersion left, PostgresVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(PostgresVersion left, PostgresVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(PostgresVersion left, PostgresVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PostgresVersion left, PostgresVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    [GeneratedRegex(@"(?:^|[ )])(\d{1,4})(?:\.(\d{1,4})|(?:devel|beta\d+|rc\d+))", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
