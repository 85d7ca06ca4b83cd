namespace DeepSight.Core.Postgres.Clients;

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
