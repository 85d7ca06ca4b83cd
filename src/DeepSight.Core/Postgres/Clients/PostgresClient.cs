using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Core.Postgres.Clients;

/// <summary>pg_dump and psql of one release, found and proven to start.</summary>
public sealed class PostgresClient
{
    /// <summary>The system's own programs fit the system's own OpenSSL settings.</summary>
    private static readonly string[] OpenSslVariables = ["OPENSSL_CONF", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    internal PostgresClient(ClientOrigin origin, PostgresVersion version, string folder, BundleLayout? bundle)
    {
        Origin = origin;
        Version = version;
        Folder = folder;
        Bundle = bundle;
    }

    public ClientOrigin Origin { get; }

    public PostgresVersion Version { get; }

    /// <summary>Where its programs are.</summary>
    public string Folder { get; }

    /// <summary>Its psql has <c>\restrict</c>, which came with the minor releases of August 2025.</summary>
    internal bool KnowsRestrict => Version.Major >= 18 || Version.Minor >= Version.Major switch { 17 => 6, 16 => 10, 15 => 14, 14 => 19, 13 => 22, _ => int.MaxValue };

    internal BundleLayout? Bundle { get; }

    /// <summary>False when its files have gone since it was found: a cleaner of temporary folders, an upgrade.</summary>
    internal bool IsStillThere => File.Exists(Path.Combine(Folder, "pg_dump")) && (Bundle is null || File.Exists(Bundle.Loader));

    /// <summary>How to run one of its programs; the caller adds arguments and environment to what is there.</summary>
    internal ToolCommand Command(string tool) => Command(tool, $"{tool} {Version}", Folder, Bundle);

    internal static ToolCommand Command(string tool, string name, string folder, BundleLayout? bundle)
    {
        var path = Path.Combine(folder, tool);
        return bundle is null
            ? new ToolCommand { Name = name, Program = path, Environment = SystemTls() }
            : new ToolCommand
            {
                Name = name,
                Program = bundle.Loader,
                // --argv0: by its own path a program finds what lies beside it (pg_dumpall its pg_dump), and names itself in messages.
                Arguments = ["--library-path", bundle.Libraries, "--argv0", path, path],
                Environment = new Dictionary<string, string>(Tls.BundleEnvironment()),
            };
    }

    public override string ToString() => $"{Version} ({EnumText(Origin)}: {Folder})";

    private static Dictionary<string, string> SystemTls() =>
        OpenSslVariables
            .Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
            .Where(pair => pair.value is not null)
            .ToDictionary(pair => pair.name, pair => pair.value!);

    private static string EnumText(ClientOrigin origin) => origin switch
    {
        ClientOrigin.Configured => "POSTGRES_CLIENT_DIR",
        ClientOrigin.Bundled => "bundled",
        _ => "system",
    };
}

/// <summary>Where a client was found, the preferred first.</summary>
public enum ClientOrigin
{
    /// <summary>In POSTGRES_CLIENT_DIR.</summary>
    Configured,

    /// <summary>In the bundle: beside the program, or in a clone's <c>.deepsight/client</c>.</summary>
    Bundled,

    /// <summary>Among the system's programs.</summary>
    System,
}
