using System.Buffers;

namespace DeepSight.Core.Age;

/// <summary>What is inside an armored file: base64 of 64 columns between two lines, as age reads it.</summary>
internal sealed class ArmorStream(BufferedInput input) : ForwardStream
{
    private const int Columns = 64;
    private const int BytesOfLine = 48;
    private const int MostWhitespace = 1024;

    private static readonly SearchValues<byte> Whitespace = SearchValues.Create(" \t\r\n\v\f"u8);

    private byte[] line = [];
    private int used;
    private bool started;
    private bool ended;

    private static ReadOnlySpan<byte> First => "-----BEGIN AGE ENCRYPTED FILE-----"u8;

    private static ReadOnlySpan<byte> Last => "-----END AGE ENCRYPTED FILE-----"u8;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        if (!started) await BeginAsync(cancellationToken);
        if (used == line.Length && !ended) await NextLineAsync(cancellationToken);
        var count = Math.Min(buffer.Length, line.Length - used);
        line.AsSpan(used, count).CopyTo(buffer.Span);
        used += count;
        return count;
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var skipped = 0;
        byte[] text;
        while (IsBlank(text = await LineAsync(cancellationToken)))
            if ((skipped += text.Length + 1) > MostWhitespace) throw Wrong("too much whitespace stands before its first line");
        if (!text.AsSpan().SequenceEqual(First)) throw Wrong("its first line is another one");
        started = true;
    }

    private async Task NextLineAsync(CancellationToken cancellationToken)
    {
        var text = await LineAsync(cancellationToken);
        (line, used) = ([], 0);
        if (!text.AsSpan().SequenceEqual(Last))
        {
            if (text.Length is 0 or > Columns) throw Wrong($"one of its lines has {text.Length} characters");
            line = Base64Text.DecodePadded(text) ?? throw Wrong("one of its lines is no base64");
            if (line.Length == BytesOfLine) return;
            if (!(await LineAsync(cancellationToken)).AsSpan().SequenceEqual(Last)) throw Wrong("a line shorter than the others is not its last one");
        }

        ended = true;
        var rest = new byte[MostWhitespace];
        var count = await input.ReadFullyAsync(rest, cancellationToken);
        if (!IsBlank(rest.AsSpan(0, count))) throw Wrong("something follows its last line");
        if (count == rest.Length) throw Wrong("too much whitespace follows its last line");
    }

    private async Task<byte[]> LineAsync(CancellationToken cancellationToken) =>
        await input.ReadLineAsync(MostWhitespace, cancellationToken) is { } text
            ? text is [.. var before, (byte)'\r'] ? before : text
            : throw Wrong("it is cut, or has a line without end");

    private static bool IsBlank(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Whitespace) < 0;

    private static AgeException Wrong(string what) => new(AgeFailure.Header, "its armor is damaged: " + what);
}
