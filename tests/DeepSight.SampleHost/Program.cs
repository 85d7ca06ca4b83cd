using DeepSight.Functions;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// An app on the official worker for tests to run under the local host, to signal and to kill.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.Configure<KestrelServerOptions>(server => server.Limits.MaxRequestBodySize = null);
if (WorkerLifetime.IsAskedFor) builder.Services.AddSingleton<IHostLifetime, WorkerLifetime>();

await builder.Build().RunAsync();
