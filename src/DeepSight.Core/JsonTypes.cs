using System.Text.Json;
using System.Text.Json.Serialization;
using DeepSight.Core.Catalog;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Health;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Importing;
using DeepSight.Core.Queues;
using DeepSight.Core.Requests;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Leases;

namespace DeepSight.Core;

/// <summary>What is written or read as JSON, so that the compiler writes the code for it: no reflection, none of its start-up time.</summary>
[JsonSerializable(typeof(AlembicAnswer))]
[JsonSerializable(typeof(BackupContents))]
[JsonSerializable(typeof(BackupManifest))]
[JsonSerializable(typeof(BackupPage))]
[JsonSerializable(typeof(DatabaseMarker))]
[JsonSerializable(typeof(DrillResult))]
[JsonSerializable(typeof(FreshnessReport))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(JobMessage))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(LeaseRecord))]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(MigrationStateReport))]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(PinReport))]
[JsonSerializable(typeof(PoisonPage))]
[JsonSerializable(typeof(RequestClaim.Content), TypeInfoPropertyName = "RequestClaimContent")]
[JsonSerializable(typeof(RestoreMessage))]
[JsonSerializable(typeof(RestoreOrder))]
[JsonSerializable(typeof(RestorePlanReport))]
[JsonSerializable(typeof(RetentionReport))]
[JsonSerializable(typeof(RunPage))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(SettingsFile))]
[JsonSerializable(typeof(SlackMessage))]
[JsonSerializable(typeof(UndoPlanReport))]
internal sealed partial class JsonTypes : JsonSerializerContext;
