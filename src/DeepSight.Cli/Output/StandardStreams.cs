using System.Text;

namespace DeepSight.Cli.Output;

/// <summary>
/// Standard output and error, one of which may be lost: a log on a full disk, say. That ends no job. What standard output did not
/// take makes the command fail when it is done.
/// </summary>
internal sealed class StandardStreams : IDisposable
{
    private readonly SafeWriter output = new(Console.Out);

    private StandardStreams()
    {
    }

    /// <summary>Why something of the result was not written; null when all was.</summary>
    public string? Lost => output.Failure;

    public static StandardStreams Open()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var streams = new StandardStreams();
        Console.SetOut(streams.output);
        Console.SetError(new SafeWriter(Console.Error));
        return streams;
    }

    public void Dispose() => output.Dispose();

    /// <summary>Goes on when what it writes to does not.</summary>
    private sealed class SafeWriter(TextWriter inner) : TextWriter
    {
        public string? Failure { get; private set; }

        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(string? value) => Write(value.AsSpan());

        public override void WriteLine(string? value) => Write(value + NewLine);

        public override void Write(ReadOnlySpan<char> buffer)
        {
            try
            {
                inner.Write(buffer);
                inner.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // There is nowhere to say it but in the exit code.
                Failure ??= (e.InnerException ?? e).Message;
            }
        }
    }
}
