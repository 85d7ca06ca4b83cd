using System.Buffers;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>What pg_dump says about a dump in its comments: versions first, and the trailer last.</summary>
internal sealed class DumpComments
{
    private const string ServerPrefix = "-- Dumped from database version ";
    private const string PgDumpPrefix = "-- Dumped by pg_dump version ";
    private const string Trailer = "-- PostgreSQL database dump complete";

    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n\f\v"u8);

    private readonly SqlHead comment = new(256);
    private bool sawStatement;

    public string? ServerVersion { get; private set; }

    public string? PgDumpVersion { get; private set; }

    /// <summary>
    /// The trailer was there, and so far nothing but blank lines, empty comments and <c>\unrestrict</c> followed.
    /// </summary>
    public bool HasTrailer { get; private set; }

    public void Comment(ReadOnlySpan<byte> part, bool last)
    {
        comment.Append(part);
        if (!last) return;

        var text = SqlText.Decode(comment.Bytes).TrimEnd();
        comment.Clear();
        HasTrailer = text == Trailer || (HasTrailer && text == "--");
        if (sawStatement) return;

        ServerVersion ??= VersionAfter(ServerPrefix, text);
        PgDumpVersion ??= VersionAfter(PgDumpPrefix, text);
    }

    public void Blank(ReadOnlySpan<byte> text)
    {
        if (HasTrailer && text.ContainsAnyExcept(WhiteSpace)) HasTrailer = false;
    }

    public void MetaCommand(ReadOnlySpan<byte> command) => HasTrailer &= command.StartsWith("\\unrestrict "u8);

    public void Statement()
    {
        sawStatement = true;
        HasTrailer = false;
    }

    // "15.20 (Debian 15.20-0+deb12u1)": packagers add their own.
    private static string? VersionAfter(string prefix, string text) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..].Split(' ')[0] : null;
}
