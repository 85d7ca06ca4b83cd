using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Cli.Quickstart;

/// <summary>
/// Runs a server that ends when we do: when we close its input, and also when we are killed, since that closes it too. (Linux's
/// parent-death signal won't do: it comes when the starting thread ends, and threads of a pool do.)
/// </summary>
internal static class Keeper
{
    /// <summary>The log is opened before the user changes, so that it may be anywhere.</summary>
    private const string Script =
        """
        log=$1 folder=$2 signal=$3; shift 3
        exec 3<&0 >>"$log" 2>&1 </dev/null
        "$@" 3<&- &
        server=$!
        trap 'kill -s "$signal" $server 2>/dev/null' INT TERM
        (trap '' INT; cat <&3 >/dev/null; kill -s "$signal" $server 2>/dev/null) &
        exec 3<&-
        while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
        rm -rf "$folder"
        exit $code
        """;

    /// <param name="folder">The server's own; removed when it has ended.</param>
    /// <param name="signal">What makes it end at once, clients or not: <c>INT</c>, <c>QUIT</c>.</param>
    /// <param name="line">The program and its arguments; run as <see cref="ServerUser"/>.</param>
    public static ToolProcess Start(string name, string logPath, string folder, string signal, IEnumerable<string> line)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(logPath)!);
        return ToolProcess.Start(new ToolCommand
        {
            Name = name,
            Program = "/bin/sh",
            Arguments = ["-c", Script, name, logPath, folder, signal, .. ServerUser.Prefix, .. line],
            WorkingDirectory = "/",
            WithInput = true,
        }, CancellationToken.None);
    }

    /// <summary>Closes its input and waits until it and its folder are gone.</summary>
    public static async Task EndAsync(ToolProcess process)
    {
        await process.Input.DisposeAsync();
        await process.WaitForExitAsync();
        await process.DisposeAsync();
    }
}
