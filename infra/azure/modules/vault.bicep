// The secrets. The app reads them by Key Vault references, so that none stands in its configuration.
param name string
param location string
param appPrincipalId string
@secure()
param databaseUrl string
@secure()
param databaseDirectUrl string
@secure()
param verifyDatabaseUrl string
@secure()
param awsSecretAccessKey string
@secure()
param notifyWebhookUrl string
@secure()
param notifyPingUrl string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
  }
}

resource database 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'DATABASE-URL'
  properties: { value: databaseUrl }
}

resource direct 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(databaseDirectUrl)) {
  parent: vault
  name: 'DATABASE-DIRECT-URL'
  properties: { value: databaseDirectUrl }
}

resource drills 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(verifyDatabaseUrl)) {
  parent: vault
  name: 'VERIFY-DATABASE-URL'
  properties: { value: verifyDatabaseUrl }
}

resource webhook 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(notifyWebhookUrl)) {
  parent: vault
  name: 'NOTIFY-WEBHOOK-URL'
  properties: { value: notifyWebhookUrl }
}

resource ping 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(notifyPingUrl)) {
  parent: vault
  name: 'NOTIFY-PING-URL'
  properties: { value: notifyPingUrl }
}

resource bucketKey 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(awsSecretAccessKey)) {
  parent: vault
  name: 'AWS-SECRET-ACCESS-KEY'
  properties: { value: awsSecretAccessKey }
}

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
resource appRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appPrincipalId, secretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

// Without a version: a rotated secret is taken up within a day, or at once by a restart.
var optional = union(
  empty(databaseDirectUrl) ? {} : { DATABASE_DIRECT_URL: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=DATABASE-DIRECT-URL)' },
  empty(verifyDatabaseUrl) ? {} : { VERIFY_DATABASE_URL: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=VERIFY-DATABASE-URL)' },
  empty(awsSecretAccessKey) ? {} : { AWS_SECRET_ACCESS_KEY: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=AWS-SECRET-ACCESS-KEY)' },
  empty(notifyWebhookUrl) ? {} : { NOTIFY_WEBHOOK_URL: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=NOTIFY-WEBHOOK-URL)' },
  empty(notifyPingUrl) ? {} : { NOTIFY_PING_URL: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=NOTIFY-PING-URL)' }
)

output name string = vault.name
@description('The settings that stand for the secrets.')
output references object = union(optional, {
  DATABASE_URL: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=DATABASE-URL)'
})
