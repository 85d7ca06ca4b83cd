using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Restore.Loading;

/// <summary>What was loaded, each fact confirmed by the server or by the file's checksum.</summary>
/// <param name="Summary">Of the dump as it was read; the server confirmed each table's rows.</param>
/// <param name="Sha256">Of the stored file.</param>
/// <param name="LeftOut">What the filters left out.</param>
/// <param name="Answers">What <see cref="LoadOptions.After"/> printed beginning with <see cref="PsqlSession.AnswerPrefix"/>.</param>
internal sealed record LoadResult(DumpSummary Summary, string Sha256, IReadOnlyList<SqlFilterUse> LeftOut, IReadOnlyList<string> Answers);
