namespace DeepSight.Core.Postgres;

/// <summary>How psql is to run what is written to its input.</summary>
public sealed record PsqlOptions
{
    /// <summary>Prints each statement's tag (<c>COPY 5</c>); otherwise only results are printed. Default: false.</summary>
    public bool PrintTags { get; init; }

    /// <summary>Server settings for the session. They win over those of the database and the role.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>As pg_stat_activity shows it.</summary>
    public string ApplicationName { get; init; } = "deepsight restore";
}
