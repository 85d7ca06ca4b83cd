namespace DeepSight.FakeTool;

/// <summary>Text that looks like pg_dump's.</summary>
internal static class Dump
{
    private const string Trailer = "\\.\n\n\n--\n-- PostgreSQL database dump complete\n--\n\n";

    private const string Header =
        """
        --
        -- PostgreSQL database dump
        --

        -- Dumped from database version 15.99
        -- Dumped by pg_dump version 15.99

        SET client_encoding = 'UTF8';

        CREATE TABLE public.t (
            id integer,
            body text
        );

        COPY public.t (id, body) FROM stdin;

        """;

    /// <returns>The exit code: always 0.</returns>
    public static int Write(int megabytes, bool trailer)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(System.Text.Encoding.UTF8.GetBytes(Header));

        // 1 MiB of whole rows of 64 bytes.
        var row = "1\t" + new string('x', 61) + "\n";
        var rows = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(row, 1024 * 1024 / row.Length)));
        for (var i = 0; i < megabytes; i++) output.Write(rows);
        if (trailer) output.Write(System.Text.Encoding.UTF8.GetBytes(Trailer));
        return 0;
    }
}
