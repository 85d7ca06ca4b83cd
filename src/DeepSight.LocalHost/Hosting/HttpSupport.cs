namespace DeepSight.LocalHost.Hosting;

/// <summary>Whether the app called <c>ConfigureFunctionsWebApplication()</c>, without which the official worker has no <c>HttpRequest</c> either.</summary>
internal sealed record HttpSupport(bool IsConfigured);
