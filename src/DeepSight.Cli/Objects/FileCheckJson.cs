namespace DeepSight.Cli.Objects;

/// <summary>What <c>verify --quick</c> says of one backup.</summary>
internal sealed record FileCheckJson(string Name, bool FileOnly, int Tables, long Rows, string Location);
