// The backup guardian on Azure: a Flex Consumption app, its storage, its secrets, and who is told when it goes wrong.
// Everything opens everything else by identity: there is no account key, no connection string with a secret, no password.
targetScope = 'resourceGroup'

@description('First part of the names.')
@minLength(3)
@maxLength(24)
param name string = 'deepsight'

param location string = resourceGroup().location

@description('DATABASE_URL: the database to guard.')
@secure()
@minLength(1)
param databaseUrl string

@description('DATABASE_DIRECT_URL: the same database without the pooler that DATABASE_URL goes through.')
@secure()
param databaseDirectUrl string = ''

@description('VERIFY_DATABASE_URL: a server for restore drills. Empty: no drills.')
@secure()
param verifyDatabaseUrl string = ''

@description('NOTIFY_WEBHOOK_URL: told of failures. Empty: nobody is, but for the alerts by e-mail.')
@secure()
param notifyWebhookUrl string = ''

@description('NOTIFY_PING_URL: a dead man\'s switch. Empty: none.')
@secure()
param notifyPingUrl string = ''

@description('BACKUP_AZURE_CONTAINER: the container that is made for backups.')
param backupContainer string = 'deepsight-backups'
param backupAzurePrefix string = 'db-backups/'

@description('Replication of the account that backups lie in: Standard_GRS keeps a copy in another region.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param backupReplication string = 'Standard_LRS'

@description('BACKUP_AZURE_IMMUTABILITY: backups can\'t be changed or deleted until their time. none, or a container with version-level immutability, which stays so for good.')
@allowed(['none', 'unlocked', 'locked'])
param backupImmutability string = 'none'

@description('BACKUP_AZURE_IMMUTABILITY_DAYS. Not longer than BACKUP_RETENTION_DAYS.')
@minValue(1)
param backupImmutabilityDays int = 7

@description('AWS_ACCESS_KEY_ID of a bucket, if backups go to S3 as well. Empty: to Azure alone.')
param awsAccessKeyId string = ''

@description('AWS_SECRET_ACCESS_KEY of the bucket.')
@secure()
param awsSecretAccessKey string = ''

param awsRegion string = 'eu-west-3'
param backupS3Bucket string = 'deepsight-backups'
param backupS3Prefix string = 'db-backups/'

@description('AWS_ENDPOINT_URL_S3: another S3 service. Empty: AWS.')
param awsEndpointUrlS3 string = ''

@description('BACKUP_CRON_HOUR: the hour of the daily backup, UTC.')
@minValue(0)
@maxValue(23)
param backupCronHour int = 3

// The host resolves %NAME% before any code of ours runs, and a function whose schedule is missing never runs.
// So all three are always set.
@description('BACKUP_SCHEDULE, six-field NCRONTAB in UTC.')
@minLength(1)
param backupSchedule string = '0 0 ${backupCronHour} * * *'

@description('RETENTION_SCHEDULE.')
@minLength(1)
param retentionSchedule string = '0 30 ${backupCronHour} * * *'

@description('VERIFY_SCHEDULE.')
@minLength(1)
param verifySchedule string = '0 0 ${(backupCronHour + 2) % 24} * * *'

@description('Any other setting by its name (docs/settings.md): BACKUP_RETENTION_DAYS, RESTORE_PRODUCTION_HOSTS… No secrets.')
param settings object = {}

@description('Who is told when backups stop or a restore request fails.')
@minLength(3)
param alertEmail string

@description('A subnet delegated to Microsoft.App/environments, for a database that has no public address.')
param subnetId string = ''

@description('Object id of a user or group that may put restore requests into the queue.')
param operatorObjectId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorType string = 'Group'

var suffix = uniqueString(resourceGroup().id, name)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-${suffix}'
  location: location
}

module storage 'modules/storage.bicep' = {
  params: {
    name: 'st${suffix}'
    location: location
    appPrincipalId: identity.properties.principalId
    operatorObjectId: operatorObjectId
    operatorType: operatorType
  }
}

module backups 'modules/backups.bicep' = {
  params: {
    name: 'bk${suffix}'
    location: location
    container: backupContainer
    replication: backupReplication
    isImmutable: backupImmutability != 'none'
    appPrincipalId: identity.properties.principalId
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: 'kv-${suffix}'
    location: location
    appPrincipalId: identity.properties.principalId
    databaseUrl: databaseUrl
    databaseDirectUrl: databaseDirectUrl
    verifyDatabaseUrl: verifyDatabaseUrl
    awsSecretAccessKey: awsSecretAccessKey
    notifyWebhookUrl: notifyWebhookUrl
    notifyPingUrl: notifyPingUrl
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    appPrincipalId: identity.properties.principalId
    storageName: storage.outputs.name
  }
}

module app 'modules/app.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    identityName: identity.name
    storageName: storage.outputs.name
    packageContainer: storage.outputs.packageContainer
    insightsName: monitoring.outputs.insightsName
    subnetId: subnetId
    // The named ones win over `settings`: a schedule can't be lost by a slip there.
    settings: union(
      settings,
      vault.outputs.references,
      empty(awsEndpointUrlS3) ? {} : { AWS_ENDPOINT_URL_S3: awsEndpointUrlS3 },
      empty(awsAccessKeyId) ? { BACKUP_STORES: 'azure' } : {
        BACKUP_STORES: 'azure,s3'
        AWS_ACCESS_KEY_ID: awsAccessKeyId
        AWS_REGION: awsRegion
        BACKUP_S3_BUCKET: backupS3Bucket
        BACKUP_S3_PREFIX: backupS3Prefix
      },
      backupImmutability == 'none' ? {} : {
        BACKUP_AZURE_IMMUTABILITY: backupImmutability
        BACKUP_AZURE_IMMUTABILITY_DAYS: string(backupImmutabilityDays)
      },
      {
        AZURE_CLIENT_ID: identity.properties.clientId
        BACKUP_AZURE_ACCOUNT: backups.outputs.blobAddress
        BACKUP_AZURE_CONTAINER: backupContainer
        BACKUP_AZURE_PREFIX: backupAzurePrefix
        BACKUP_SCHEDULE: backupSchedule
        RETENTION_SCHEDULE: retentionSchedule
        VERIFY_SCHEDULE: verifySchedule
      }
    )
  }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    insightsName: monitoring.outputs.insightsName
    workspaceName: monitoring.outputs.workspaceName
    freshnessUrl: 'https://${app.outputs.hostName}/api/health/backup'
    email: alertEmail
  }
}

output appName string = app.outputs.name
output healthUrl string = 'https://${app.outputs.hostName}/api/health/db'
output freshnessUrl string = 'https://${app.outputs.hostName}/api/health/backup'
output storageName string = storage.outputs.name
output backupAccount string = backups.outputs.name
output backupContainer string = backupContainer
output vaultName string = vault.outputs.name
