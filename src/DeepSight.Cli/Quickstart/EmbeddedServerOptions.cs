namespace DeepSight.Cli.Quickstart;

/// <summary>Which PostgreSQL to start, and how.</summary>
internal sealed record EmbeddedServerOptions
{
    /// <summary>A folder with <c>bin/initdb</c> and <c>bin/postgres</c> in it, as infra/postgres-server/build.sh makes it.</summary>
    public required string Bundle { get; init; }

    /// <summary>Where the server's log is written; it stays when the server is gone.</summary>
    public required string LogPath { get; init; }

    /// <summary>Server settings, beside those that it takes to be found.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it may take from nothing to answering. Default: 60 s; 2 s are usual.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where to listen: asked again when another program took that port meanwhile.</summary>
    public Func<int> Ports { get; init; } = EmbeddedServer.FreePort;
}
