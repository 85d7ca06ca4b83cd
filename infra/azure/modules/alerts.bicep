// Two things nobody would notice by themselves: backups that stopped, and a restore request that could not be run.
param name string
param location string
param insightsName string
param workspaceName string
param freshnessUrl string
param email string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}
resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  properties: {
    groupShortName: 'deepsight'
    enabled: true
    emailReceivers: [{ name: 'email', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// Asked from outside, and from two places, so that it also tells when the app itself is gone.
resource freshness 'Microsoft.Insights/webtests@2022-06-15' = {
  name: '${name}-freshness'
  location: location
  tags: { 'hidden-link:${insights.id}': 'Resource' }
  kind: 'standard'
  properties: {
    SyntheticMonitorId: '${name}-freshness'
    Name: 'backups are fresh'
    Description: 'GET health/backup is 503 when the last good backup is too old.'
    Kind: 'standard'
    Enabled: true
    Frequency: 900
    Timeout: 60
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'emea-gb-db3-azr' }]
    Request: { RequestUrl: freshnessUrl, HttpVerb: 'GET', ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: false }
  }
}

resource stale 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-backups-are-stale'
  location: 'global'
  properties: {
    description: 'GET health/backup does not answer 200: the last good backup is too old, or the app does not run. docs/troubleshooting.md'
    severity: 1
    enabled: true
    scopes: [freshness.id, insights.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: freshness.id
      componentId: insights.id
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: people.id }]
  }
}

resource poison 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: '${name}-poison-message'
  location: location
  kind: 'LogAlert'
  properties: {
    displayName: 'A request could not be run'
    description: 'A message went to restore-requests-poison or job-requests-poison. docs/troubleshooting.md'
    severity: 1
    enabled: true
    scopes: [workspace.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    autoMitigate: false
    // The table appears with its first row.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'StorageQueueLogs | where OperationName == "PutMessage" and toint(StatusCode) < 300 and Uri has_any ("restore-requests-poison", "job-requests-poison")'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}
