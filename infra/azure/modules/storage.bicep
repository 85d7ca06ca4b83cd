// What the host keeps (leases, timers' status), the queues, and the package that runs. Opened by identity only.
param name string
param location string
param appPrincipalId string
param operatorObjectId string
param operatorType string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  sku: { name: 'Standard_LRS' }
  kind: 'StorageV2'
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'app-package'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'
}

// The host makes the poison queues when it first needs them; here they can be watched from the start.
resource requests 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = [
  for queue in ['restore-requests', 'restore-requests-poison', 'job-requests', 'job-requests-poison']: {
    parent: queues
    name: queue
  }
]

// What the Functions host asks of AzureWebJobsStorage: it owns its blobs, and keeps diagnostic events in a table.
// learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var roles = {
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource appRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    scope: account
    name: guid(account.id, appPrincipalId, role.value)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

// Storage Queue Data Message Sender, on the one queue: may ask for a restore, and read nothing.
var messageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
resource operatorRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorObjectId)) {
  scope: requests[0]
  name: guid(account.id, operatorObjectId, messageSender)
  properties: {
    principalId: operatorObjectId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', messageSender)
  }
}

output name string = account.name
output packageContainer string = package.name
