// Secrets come from the environment of whoever deploys, by the names that the app has for them.
using 'main.bicep'

param databaseUrl = readEnvironmentVariable('DATABASE_URL')
param databaseDirectUrl = readEnvironmentVariable('DATABASE_DIRECT_URL', '')
param verifyDatabaseUrl = readEnvironmentVariable('VERIFY_DATABASE_URL', '')
param notifyWebhookUrl = readEnvironmentVariable('NOTIFY_WEBHOOK_URL', '')
param notifyPingUrl = readEnvironmentVariable('NOTIFY_PING_URL', '')

// Only if backups go to S3 as well.
param awsAccessKeyId = readEnvironmentVariable('AWS_ACCESS_KEY_ID', '')
param awsSecretAccessKey = readEnvironmentVariable('AWS_SECRET_ACCESS_KEY', '')
param awsRegion = readEnvironmentVariable('AWS_REGION', 'eu-west-3')
param awsEndpointUrlS3 = readEnvironmentVariable('AWS_ENDPOINT_URL_S3', '')
param backupS3Bucket = readEnvironmentVariable('BACKUP_S3_BUCKET', 'deepsight-backups')
param backupS3Prefix = readEnvironmentVariable('BACKUP_S3_PREFIX', 'db-backups/')

param backupCronHour = int(readEnvironmentVariable('BACKUP_CRON_HOUR', '3'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')

// Everything else, by name: docs/settings.md.
param settings = {
  BACKUP_RETENTION_DAYS: '30'
}
