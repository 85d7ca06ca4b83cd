using System.Text.Json.Serialization;
using DeepSight.Cli.Commands;
using DeepSight.Cli.Migrate;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Migrations.Authoring;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Migrations.Importing;
using DeepSight.Core.Migrations.Running;

namespace DeepSight.Cli.Output;

/// <summary>The objects that <c>--json</c> prints, besides those of <see cref="Json"/>. Scripts read them: a name is never changed.</summary>
[JsonSerializable(typeof(AcceptedJson))]
[JsonSerializable(typeof(BackupJson))]
[JsonSerializable(typeof(BranchesJson))]
[JsonSerializable(typeof(ChecksJson))]
[JsonSerializable(typeof(CopyJson))]
[JsonSerializable(typeof(ResealJson))]
[JsonSerializable(typeof(DownloadJson))]
[JsonSerializable(typeof(DrillsJson))]
[JsonSerializable(typeof(EnqueuedJson))]
[JsonSerializable(typeof(ErrorJson))]
[JsonSerializable(typeof(FailedDrillJson))]
[JsonSerializable(typeof(FileCheckJson))]
[JsonSerializable(typeof(FindingsJson))]
[JsonSerializable(typeof(GeneratedScripts))]
[JsonSerializable(typeof(ImportedHistory))]
[JsonSerializable(typeof(KeyJson))]
[JsonSerializable(typeof(KeysJson))]
[JsonSerializable(typeof(KeyCheckJson))]
[JsonSerializable(typeof(MigrationJson))]
[JsonSerializable(typeof(QuickstartJson))]
[JsonSerializable(typeof(RestoreJson))]
[JsonSerializable(typeof(RevisionsJson))]
[JsonSerializable(typeof(RulesJson))]
[JsonSerializable(typeof(SchemaFilesJson))]
[JsonSerializable(typeof(SettingsJson))]
[JsonSerializable(typeof(SkippedBackupJson))]
[JsonSerializable(typeof(SqlJson))]
[JsonSerializable(typeof(StampResult))]
[JsonSerializable(typeof(UndoJson))]
[JsonSerializable(typeof(WrittenChain))]
[JsonSerializable(typeof(WrittenRevision))]
internal sealed partial class CliJson : JsonSerializerContext;
